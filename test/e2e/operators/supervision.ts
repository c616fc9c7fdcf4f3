import { onlyOnOurs } from '../../support/given-event-store';
import { httpUser } from '../../support/http';
import { processTree } from '../../support/process-tree';
import { startProgram, startProgramBeside } from '../../support/program';
import { isLong } from '../../support/rounds';
import { apiKeys, startRunningStack, type RunningStack } from '../../support/running-stack';
import { tempFolder } from '../../support/temp-folder';
import { until } from '../../support/until';
import { stack, startAgain, userOf } from './stack';

const test = onlyOnOurs('it kills the event store');

// the parent of it all: starting, going on, stopping, dying

const STOP_WITHIN_MS = 15_000;

/** Jobs to find again: one that is due while nobody is there, one that waits, one that is finished. */
const leaveJobs = async () => {
  const me = userOf('me');
  const finished = await me.schedule(Date.now());
  await me.untilStatus(finished, 'succeeded');
  const missed = await me.schedule(Date.now() + 1_500);
  const waiting = await me.schedule(Date.now() + 3_600_000);
  return { finished, missed, waiting };
};
const findJobs = async ({ finished, missed, waiting }: Awaited<ReturnType<typeof leaveJobs>>) => {
  const me = userOf('me');
  await me.untilStatus(missed, 'succeeded');
  expect((await me.get(`/v1/jobs/${waiting}`)).body.status).toBe('scheduled');
  expect(await me.eventTypes(finished)).toEqual([
    'JobScheduled',
    'JobDispatched',
    'JobStarted',
    'JobSucceeded',
  ]);
};

test('SIGTERM ends everything with 0 in time; the next start goes on where it stopped, on the same ports', async () => {
  const jobs = await leaveJobs();
  const before = await stack().endpoints();
  const tree = processTree(stack().parentPid);
  expect(tree.pids.length).toBeGreaterThan(5);
  const stoppedAtMs = performance.now();
  expect(await stack().stop({ keepData: true })).toBe(0);
  expect(performance.now() - stoppedAtMs).toBeLessThan(STOP_WITHIN_MS);
  expect(tree.alive()).toEqual([]);

  await startAgain();
  const {
    pids: _,
    coreMetricsUrl: __,
    planMetricsUrl: ___,
    archiveMetricsUrl: ____,
    ...urls
  } = await stack().endpoints();
  expect(before).toMatchObject(urls);
  await findJobs(jobs);
});

test('kill -9 of the parent leaves no orphan, and the next start goes on as well', async () => {
  const jobs = await leaveJobs();
  const tree = processTree(stack().parentPid);
  process.kill(stack().parentPid, 'SIGKILL');
  await until(() => tree.alive().length === 0, {
    what: 'all children of the killed parent are gone',
  });
  await startAgain();
  await findJobs(jobs);
});

test('whatever is killed is started again on its port, and a job that is due meanwhile runs', async () => {
  const me = userOf('me');
  const { pids: before } = await stack().endpoints();
  const names = Object.keys(before);
  expect([...names].sort()).toEqual([
    ...['archive', 'core', 'edge', 'eventstore', 'nats', 'plan', 'postgres'],
  ]);
  for (const name of names) {
    const dueSoon = await until(() => me.schedule(Date.now() + 300));
    process.kill((await stack().endpoints()).pids[name] ?? 0, 'SIGKILL');
    await until(async () => (await stack().endpoints()).pids[name] !== before[name], {
      what: `${name} runs again`,
    });
    await until(() => me.untilStatus(dueSoon, 'succeeded'));
  }
  const { httpUrl } = await stack().endpoints();
  expect(httpUrl).toBe(stack().httpUrl);
});

test('two stacks live side by side and know nothing of each other', async () => {
  const other = await startRunningStack();
  try {
    const ports = async (one: RunningStack) => {
      const { httpUrl, eventstoreUrl, postgresUrl, natsUrl } = await one.endpoints();
      return [httpUrl, eventstoreUrl, postgresUrl, natsUrl].map((url) => new URL(url).port);
    };
    expect(new Set([...(await ports(stack())), ...(await ports(other))]).size).toBe(8);
    const there = httpUser(other.httpUrl, other.keyOf('ada'));
    const jobId = await there.schedule(Date.now());
    await there.untilStatus(jobId, 'succeeded');
    expect((await userOf('me').get(`/v1/jobs/${jobId}`)).status).toBe(404);
    expect(stack().output()).not.toContain(jobId);
  } finally {
    expect(await other.stop()).toBe(0);
  }
  const jobId = await userOf('me').schedule(Date.now());
  await userOf('me').untilStatus(jobId, 'succeeded');
});

test('each process runs alone beside a stack, by its folder, and stops cleanly on SIGTERM', async () => {
  // in the gate each of them stops so in chaos/one-of-each
  const names = isLong
    ? ['projector', 'planner', 'dispatcher', 'rescuer', 'executor-gateway', 'executor', 'web']
    : ['dispatcher', 'executor'];
  const programs = await Promise.all(
    names.map((name) => startProgramBeside(stack(), { PROCESSES: name, API_KEYS: apiKeys })),
  );
  const jobId = await userOf('me').schedule(Date.now());
  await userOf('me').untilStatus(jobId, 'succeeded');

  const codes = await Promise.all(programs.map(({ stop }) => stop()));
  expect(Object.fromEntries(names.map((name, index) => [name, codes[index]]))).toEqual(
    Object.fromEntries(names.map((name) => [name, 0])),
  );
  expect(programs.map(({ errors }) => errors())).toEqual(names.map(() => ''));
});

describe('what cannot start says why and ends with 1', () => {
  const ended = async (
    env: Readonly<Record<string, string>>,
    args?: readonly string[],
  ): Promise<string> => {
    const { exited, errors } = startProgram(env, args);
    expect(await exited).toBe(1);
    return errors();
  };

  test('an argument: who asks for help is told where it is, and no stack starts', async () => {
    expect(await ended({}, ['--help'])).toContain('punctual --help');
  });

  test('bad settings: all mistakes in one message, and no secret in it', async () => {
    const message = await ended({
      HTTP_PORT: 'eighty',
      LOG_LEVEL: 'loud',
      HEARTBEAT_MS: '-1',
      PROCESSES: 'dispatcher,planer',
      API_KEYS: 'hunter2:ada:user',
      SIGNING_SECRET: 'too short',
    });
    for (const name of [
      'HTTP_PORT',
      'LOG_LEVEL',
      'HEARTBEAT_MS',
      'planer',
      'API_KEYS entry 1',
      'SIGNING_SECRET',
    ])
      expect(message).toContain(name);
    expect(message).not.toMatch(/hunter2|too short/);
  });

  test('a process without servers', async () => {
    const folder = await tempFolder('no-stack');
    const message = await ended({ PROCESSES: 'dispatcher', DATA_DIR: folder.path });
    await folder.remove();
    expect(message).toContain('PUNCTUAL_POSTGRES_URL and PUNCTUAL_NATS_URL');
  });

  test('external servers and no way to tell who asks', async () => {
    expect(await ended({ POSTGRES_URL: 'postgres://localhost/x' })).toContain('API_KEYS');
  });

  test('a port of the API that somebody else has', async () => {
    const message = await ended({
      PROCESSES: 'web',
      DATA_DIR: stack().dataDir,
      HTTP_PORT: new URL(stack().httpUrl).port,
    });
    expect(message).toContain('EADDRINUSE');
  });
});
