import { readFileSync } from 'node:fs';
import { startCluster, type Cluster, type MemberName, type WorkerName } from '../support/cluster';
import { fakeClock, type FakeClock } from '../support/fake-clock';
import { httpUser, type HttpUser } from '../support/http';
import { readJobStreams, readScheduleStreams } from '../support/log-checker';
import { apiKeyOf } from '../support/running-stack';
import { isLong } from '../support/rounds';
import { checkSchedule, jobBreaches } from '../support/schedule-checker';
import { until } from '../support/until';

// clocks are set, by an hour and for one program or for all, and a whole machine sleeps: no running job ends for it

/** In the gate those whose clock is not set apart from others run in one program. */
const workers: readonly WorkerName[] = isLong
  ? ['projector', 'planner', 'dispatcher', 'rescuer', 'executor-gateway', 'executor', 'web']
  : ['planner', 'rescuer', 'executor-gateway', 'web'];
const together = isLong ? {} : { PROCESSES: 'projector,dispatcher,executor,web' };
const members: readonly MemberName[] = ['postgres', 'eventstore', ...workers];

const HOUR_S = 3_600;
/** Who spins uses more of a processor than this, over each such span. */
const SPIN_MS = 2_500;
const MOST_USED = 0.3;
const ran = ['JobScheduled', 'JobDispatched', 'JobStarted', 'JobSucceeded'];

let cluster: Cluster;
let ada: HttpUser;
const clocks = new Map<MemberName, FakeClock>();

beforeAll(async () => {
  for (const member of members) clocks.set(member, await fakeClock());
  cluster = await startCluster({
    workers,
    env: { HEARTBEAT_MS: '500', EXECUTOR_SILENT_MS: '9000' },
    envOf: Object.fromEntries(
      [...clocks].map(([name, { env }]) => [name, { ...env, ...(name === 'web' && together) }]),
    ),
  });
  ada = httpUser(cluster.httpUrl, apiKeyOf('ada'));
});

afterAll(async () => {
  await cluster.stop();
});

const setClocks = async (of: readonly MemberName[], offsetS: number): Promise<void> => {
  for (const member of of) await clocks.get(member)?.set(offsetS);
};

/** A job that takes so long, and has five times as long. */
const runningJob = async (sleepMs: number): Promise<string> => {
  const jobId = await ada.schedule(Date.now() + 200, {
    payload: { sleepMs },
    timeoutMs: 5 * sleepMs,
  });
  await until(async () => (await ada.eventTypes(jobId)).includes('JobStarted'), {
    what: 'it runs',
  });
  return jobId;
};

const untilDone = async (jobId: string): Promise<readonly string[]> =>
  await until(
    async () => {
      const types = await ada.eventTypes(jobId);
      return ['JobSucceeded', 'JobFailed'].includes(types.at(-1) ?? '') ? types : undefined;
    },
    { what: 'it has come to an end' },
  );

const groups: readonly (readonly [string, readonly MemberName[]])[] = [
  ['the rescuer', ['rescuer']],
  ['the gateway', ['executor-gateway']],
  ['Postgres', ['postgres']],
  ['everything', members],
];

const jumps = groups.flatMap(([name, of]) =>
  [HOUR_S, -HOUR_S].map((by) => [name, by, of] as const),
);
/** The gate sets each clock one way, in turn. */
const tried = jumps.filter((_, index) => isLong || [0, 3, 4, 7].includes(index));

/** Long enough for the clocks to be set while it runs; the long rounds have the job of the field, 12 s of 60. */
const RUN_MS = isLong ? 12_000 : 3_000;

test.each(tried)(
  'the clock of %s is set by %i s, and back: a job that has time left runs once, to its end',
  async (_name, by, of) => {
    const first = await runningJob(RUN_MS);
    await setClocks(of, by);
    expect(await untilDone(first)).toEqual(ran);
    await setClocks(of, 0);
    const second = await runningJob(1_500);
    expect(await untilDone(second)).toEqual(ran);
  },
);

/** What a member has used of the processor, in seconds. */
const processorS = (name: MemberName): number => {
  const stat = readFileSync(`/proc/${cluster.pidOf(name)}/stat`, 'utf8');
  // behind the name of the program, which may have blanks: utime and stime, in hundredths
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
};

/** It may have an hour of occurrences to make jobs of first; what spins never rests. */
const untilAtRest = (name: MemberName): Promise<true> =>
  until(
    async () => {
      const [usedS, sinceMs] = [processorS(name), performance.now()];
      await until(() => performance.now() - sinceMs > SPIN_MS, { timeoutMs: 2 * SPIN_MS });
      return processorS(name) - usedS < MOST_USED * (SPIN_MS / 1_000) || undefined;
    },
    { timeoutMs: 180_000, what: `the ${name} is at rest` },
  );

/** The step of its schedule, in seconds. */
const EVERY_S = 5;
/** The gate sets it one way. */
const plannersClock = isLong ? [HOUR_S, -HOUR_S] : [HOUR_S];

test.each(plannersClock)(
  'the clock of the planner is set by %i s, and back: no occurrence runs twice, and the planner does not spin',
  async (by) => {
    const made = await ada.post('/v1/schedules', {
      name: 'each five seconds',
      timing: { cron: `*/${EVERY_S} * * * * *` },
      timeZone: 'UTC',
      job: { location: 'print:', retry: { maxAttempts: 1 } },
    });
    const { scheduleId = '' } = made.body;
    const path = `/v1/schedules/${scheduleId}`;
    const succeeded = async (): Promise<readonly string[]> => {
      const { body } = await ada.get(
        `/v1/jobs?scheduleId=${scheduleId}&status=succeeded&limit=200`,
      );
      return (body.items ?? []).map(({ occurrenceAt = '' }) => occurrenceAt);
    };
    await until(async () => (await succeeded()).length >= 2, {
      what: 'occurrences run',
    });
    const planned = async () =>
      checkSchedule(
        (await readScheduleStreams(cluster.eventstoreUrl)).get(scheduleId) ?? [],
        EVERY_S * 1_000,
      );
    const isAnHourAhead = async (): Promise<boolean> => {
      const nearlyAnHourOnMs = Date.now() + 0.9 * HOUR_S * 1_000;
      return (await planned()).planned.some(({ dueAt }) => dueAt > nearlyAnHourOnMs);
    };
    for (const offset of [by, 0]) {
      await setClocks(['planner'], offset);
      if (offset > 0) await until(isAnHourAhead, { what: 'it saw the jump' });
      await untilAtRest('planner');
    }
    await ada.remove(path);
    const open = async () =>
      (await ada.get(`/v1/jobs?scheduleId=${scheduleId}&status=scheduled,queued,running&limit=1`))
        .body.items ?? [];
    await until(async () => (await open()).length === 0, {
      what: 'no job is left',
    });
    const { breaches, planned: occurrences } = await planned();
    const jobs = await readJobStreams(cluster.eventstoreUrl);
    expect(jobBreaches(scheduleId, occurrences, jobs)).toEqual([]);
    expect(breaches).toEqual([]);
    expect(await isAnHourAhead()).toBe(by > 0);
  },
);

/** While it sleeps. */
const DUE = isLong ? 50 : 15;

test('a machine that sleeps for longer than any limit and silence that it allows loses nobody', async () => {
  const jobId = await runningJob(2_000);
  const dueMeanwhile = await Promise.all(
    Array.from({ length: DUE }, (_, n) => ada.schedule(Date.now() + 500 + n * (10_000 / DUE))),
  );
  cluster.signalAll('SIGSTOP');
  const sinceMs = performance.now();
  await until(() => performance.now() - sinceMs > 12_000);
  cluster.signalAll('SIGCONT');
  expect(await untilDone(jobId)).toEqual(ran);
  for (const due of dueMeanwhile) expect(await untilDone(due)).toEqual(ran);
});

/** Ten minutes, and a job that comes due in each second of them. */
const NAP_S = 600;
/** All of them are scheduled by then. */
const AHEAD_S = 60;

(isLong ? test : test.skip)(
  'a machine that sleeps for ten minutes by its clocks runs once what came due meanwhile, and loses nobody',
  async () => {
    const jobId = await runningJob(5_000);
    const firstDueAt = Date.now() + AHEAD_S * 1_000;
    const dueMeanwhile = await Promise.all(
      Array.from({ length: NAP_S }, (_, n) => ada.schedule(firstDueAt + n * 1_000)),
    );
    cluster.signalAll('SIGSTOP');
    await setClocks(members, AHEAD_S + NAP_S);
    cluster.signalAll('SIGCONT');
    expect(await untilDone(jobId)).toEqual(ran);
    const stories = async (): Promise<readonly string[]> => {
      const streams = await readJobStreams(cluster.eventstoreUrl);
      return dueMeanwhile.map((due) => (streams.get(due) ?? []).map(({ type }) => type).join());
    };
    await until(async () => (await stories()).every((story) => /(Succeeded|Failed)$/.test(story)), {
      timeoutMs: 120_000,
      what: 'all that came due meanwhile have come to an end',
    });
    expect((await stories()).filter((story) => story !== ran.join())).toEqual([]);
    await setClocks(members, 0);
    expect(await untilDone(await runningJob(1_500))).toEqual(ran);
  },
);
