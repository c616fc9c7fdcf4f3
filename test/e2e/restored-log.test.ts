import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { processNames } from '../../processes/settings/process-names';
import { toTimestamp } from '../../domain/time';
import { connectBroker } from '../../infra/nats/connection';
import { startCluster, type Cluster } from '../support/cluster';
import { httpUser, type HttpUser } from '../support/http';
import { breachesOf, readJobStreams } from '../support/log-checker';
import { plainBroker } from '../support/names';
import { startProgram } from '../support/program';
import { isLong } from '../support/rounds';
import { startRunLedger, type RunLedger } from '../support/run-ledger';
import { apiKeyOf, apiKeys } from '../support/running-stack';
import { until } from '../support/until';
import { runVerb, startAloneEventStore } from '../support/verb';

// docs/operations.md, "Backup and restore", as it is written there

let cluster: Cluster;
let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  ledger = await startRunLedger(0);
  cluster = await startCluster({
    workers: ['web'],
    env: {
      ALLOW_PRIVATE_TARGETS: 'true',
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      RESCUE_PERIOD_MS: '500',
      START_TIMEOUT_MS: '2000',
    },
    envOf: { web: { PROCESSES: processNames.filter((name) => name !== 'archivist').join(',') } },
  });
  ada = httpUser(cluster.httpUrl, apiKeyOf('ada'));
});

afterAll(async () => {
  await cluster.stop();
  await ledger.close();
});

const query = async (statement: string, database = 'punctual'): Promise<void> => {
  const url = new URL(cluster.postgresUrl);
  url.pathname = `/${database}`;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(statement);
  await client.end();
};

const schedule = (inMs: number): Promise<string> =>
  ada.schedule(Date.now() + inMs, { location: ledger.location });

const ready = async () => {
  const response = await fetch(`${cluster.httpUrl}/readyz`);
  const { conditions } = (await response.json()) as {
    conditions: readonly { name: string; status: string; detail?: { reason?: string } }[];
  };
  return { status: response.status, sameLog: conditions.find(({ name }) => name === 'same-log') };
};

const restoreLog = async (file: string): Promise<void> => {
  await cluster.kill('eventstore');
  await query('drop schema eventstore cascade');
  await cluster.start('eventstore');
  const restored = await runVerb([
    ...['eventstore-import', '--url', cluster.eventstoreUrl, '--in', file, '--in-flight', '1'],
  ]);
  expect(restored).toMatchObject({ code: 0 });
};

const runsOf = (jobIds: readonly string[]): readonly string[] =>
  ledger.runs().filter((run) => jobIds.includes(run.split('/')[0] ?? ''));

test('a log that is restored from an older copy: every process says so and does nothing, and after a replay each of its jobs runs once', async () => {
  const kept = await Promise.all([1, 2, 3, 4, 5, 6].map(() => schedule(3_600_000)));
  // due after the restore, however long it takes to come there: about as long as ten jobs take here
  const startMs = performance.now();
  await ada.untilStatus(await schedule(0), 'succeeded');
  const soonMs = 15_000 + 10 * (performance.now() - startMs);
  const soon = await Promise.all([1, 2, 3, 4].map(() => schedule(soonMs)));
  const [moved = '', cancelled = ''] = soon;
  const file = join(cluster.dataDir, 'log.jsonl');
  const backup = ['eventstore-export', '--url', cluster.eventstoreUrl, '--out', file];
  expect(await runVerb(backup)).toMatchObject({ code: 0 });

  // life goes on, and all of this is lost with the restore
  const lost = await Promise.all([1, 2, 3, 4, 5].map(() => schedule(0)));
  for (const jobId of lost) await ada.untilStatus(jobId, 'succeeded');
  const later = { dueAt: toTimestamp(Date.now() + 7_200_000) };
  const { body: token } = await ada.post(`/v1/jobs/${moved}/reschedule`, later);
  await ada.post(`/v1/jobs/${cancelled}/cancel`);
  await ada.untilStatus(cancelled, 'cancelled');

  await restoreLog(file);
  const said = await until(
    async () => {
      const { status, sameLog } = await ready();
      return status === 503 && sameLog?.status === 'fail' ? sameLog.detail?.reason : undefined;
    },
    { what: 'it says so' },
  );
  expect(said).toMatch(/an event at position \d+ that the log does not have.*punctual replay/);
  const newer = await schedule(0); // recorded in the restored log, and done once that is healed
  const servers = ['--eventstore', cluster.eventstoreUrl, '--postgres', cluster.postgresUrl];
  const list = await runVerb(['as-of', 'list', '--at', '1', ...servers]);
  expect(list).toMatchObject({ code: 1 });
  expect(list.errors).toContain('Run "punctual replay"');
  expect((await ada.get('/v1/jobs')).body.items?.map(({ jobId }) => jobId)).not.toContain(newer);

  const replayed = await runVerb(['replay', ...servers, '--nats', cluster.natsUrl]);
  expect(replayed).toMatchObject({ code: 0 });
  expect(replayed.output).toContain('the messages of the broker were thrown away');
  await until(async () => (await ready()).status === 200, {
    what: 'it is ready',
  });

  await ada.untilStatus(newer, 'succeeded');
  for (const jobId of soon) await ada.untilStatus(jobId, 'succeeded');
  expect([...runsOf(soon)].sort()).toEqual(soon.map((jobId) => `${jobId}/1`).sort());
  expect((await ada.get(`/v1/jobs/${lost[0] ?? ''}`)).status).toBe(404);
  const { body } = await ada.get('/v1/jobs?limit=100&status=scheduled');
  expect(body.items?.map(({ jobId }) => jobId).sort()).toEqual([...kept].sort());
  // a position that was handed out before lies beyond the end of the log now
  const after = BigInt(token.position ?? 0) + 1_000_000n;
  expect((await ada.get(`/v1/jobs?after=${after}`)).status).toBe(200);
  const streams = await readJobStreams(cluster.eventstoreUrl);
  expect([...streams].flatMap(([jobId, events]) => breachesOf(jobId, events))).toEqual([]);
  expect(await runVerb(['replay', ...servers, '--dry-run'])).toMatchObject({ code: 0 });

  // the identity is in the log: a program that starts finds the same system
  await cluster.kill('web');
  await cluster.start('web');
});

const storedMessages = async (): Promise<number> => {
  const broker = await connectBroker({ url: cluster.natsUrl, name: 'test' });
  try {
    const manager = await broker.connection.jetstreamManager();
    return (await manager.streams.info(plainBroker.stream)).state.messages;
  } finally {
    await broker.close();
  }
};

const testInLongRounds = isLong ? test : test.skip;

testInLongRounds(
  'copies of all three, the log newest: an older read model catches up by itself, and the messages of an older broker run nothing twice',
  async () => {
    const early = await Promise.all([1, 2, 3].map(() => schedule(3_000)));
    await cluster.kill('web');
    // nobody takes the messages, so that the copy of the broker has them
    const dispatching = startProgram({
      PROCESSES: 'projector,dispatcher',
      ...{ EVENTSTORE_URL: cluster.eventstoreUrl, POSTGRES_URL: cluster.postgresUrl },
      ...{ NATS_URL: cluster.natsUrl, API_KEYS: apiKeys, DATA_DIR: cluster.dataDir },
      SEAL_SECRET: 'a secret that all members of a test share',
    });
    await until(async () => (await storedMessages()) === early.length);
    dispatching.signal('SIGTERM');
    await dispatching.exited;

    const brokerFolder = join(cluster.dataDir, 'nats');
    await cluster.kill('nats');
    await cp(brokerFolder, `${brokerFolder}-copy`, { recursive: true });
    await cluster.kill('eventstore');
    await query('create database copy template punctual', 'postgres');
    for (const name of ['nats', 'eventstore', 'web'] as const) await cluster.start(name);

    const later = await Promise.all([1, 2, 3].map(() => schedule(0)));
    const waiting = await schedule(3_600_000);
    for (const jobId of [...early, ...later]) await ada.untilStatus(jobId, 'succeeded');
    const file = join(cluster.dataDir, 'newest.jsonl');
    const backup = ['eventstore-export', '--url', cluster.eventstoreUrl, '--out', file];
    expect(await runVerb(backup)).toMatchObject({ code: 0 });

    await cluster.kill('web');
    await cluster.kill('nats');
    await rm(brokerFolder, { recursive: true });
    await cp(`${brokerFolder}-copy`, brokerFolder, { recursive: true });
    await cluster.kill('eventstore');
    await query('alter database punctual rename to lost', 'postgres');
    await query('alter database copy rename to punctual', 'postgres');
    await cluster.start('eventstore');
    await restoreLog(file);
    await cluster.start('nats');
    expect(await storedMessages()).toBe(early.length);
    await cluster.start('web');

    await until(async () => (await ready()).status === 200, {
      what: 'it is ready, without a replay',
    });
    for (const jobId of [...early, ...later]) await ada.untilStatus(jobId, 'succeeded');
    await ada.untilStatus(waiting, 'scheduled');
    await until(async () => (await storedMessages()) === 0, {
      what: 'the old messages are gone',
    });
    const all = [...early, ...later];
    expect([...runsOf(all)].sort()).toEqual(all.map((jobId) => `${jobId}/1`).sort());
    const servers = ['--eventstore', cluster.eventstoreUrl, '--postgres', cluster.postgresUrl];
    expect(await runVerb(['replay', ...servers, '--dry-run'])).toMatchObject({ code: 0 });
  },
);

/** A program of another system: a log of its own, and what else is told. @returns its last words */
const refusalOf = async (env: Readonly<Record<string, string>>): Promise<string> => {
  const program = startProgram({
    PROCESSES: 'executor-gateway',
    DATA_DIR: cluster.dataDir,
    API_KEYS: apiKeys,
    SIGNING_SECRET: 'a secret of its own, which nobody else has',
    LOG_LEVEL: 'warn',
    ...env,
  });
  expect(await program.exited).toBe(1);
  return program.errors();
};

test('a second system on the read model or the broker of the first ends at its start, with a sentence', async () => {
  await query('create database second');
  const second = new URL(cluster.postgresUrl);
  second.pathname = '/second';
  const other = await startAloneEventStore([
    ...['--postgres', second.href, '--schema', 'eventstore', '--port', '0'],
  ]);
  try {
    const { postgresUrl, natsUrl } = cluster;
    const onReadModel = { EVENTSTORE_URL: other.url, POSTGRES_URL: postgresUrl, NATS_URL: natsUrl };
    expect(await refusalOf(onReadModel)).toMatch(
      /POSTGRES_URL \(postgres:\/\/127.0.0.1:\d+\/punctual\): tried .* while the log names none.*Name the log of that system/,
    );
    expect(await refusalOf({ ...onReadModel, POSTGRES_URL: second.href })).toMatch(
      /NATS_URL \(nats:\/\/127.0.0.1:\d+\): tried .* found that of the system/,
    );
    const servers = ['--eventstore', other.url, '--postgres', postgresUrl];
    for (const verb of [
      ['replay'],
      ['replay', '--dry-run'],
      ['audit', 'verify', '--no-nats'],
      ['as-of', 'list', '--at', '1'],
    ]) {
      const { code, errors } = await runVerb([...verb, ...servers]);
      expect({ verb, code, errors }).toMatchObject({
        code: 1,
        errors: expect.stringMatching(
          /there is a read model of the system \S+, while the log/,
        ) as string,
      });
    }
  } finally {
    other.signal('SIGTERM');
    await other.exited;
  }
});
