import { allJobs } from '../support/all-jobs';
import { startCluster, type Cluster, type WorkerName } from '../support/cluster';
import { httpUser, type HttpUser } from '../support/http';
import { breachesOf, readJobStreams, type LoggedEvent } from '../support/log-checker';
import { isLong } from '../support/rounds';
import { startRunLedger, type RunLedger } from '../support/run-ledger';
import { apiKeyOf } from '../support/running-stack';
import { until } from '../support/until';

// silence of one messenger is no death: processes freeze longer than an executor may be silent, connections are
// cut without a word, and eight jobs that run on four living executors all that time run once

const SILENT_MS = 9_000;
const FREEZE_MS = isLong ? 40_000 : 10_500;
const executors: readonly WorkerName[] = ['executor', 'executor#2', 'executor#3', 'executor#4'];
const cutOff: readonly WorkerName[] = ['executor', 'executor-gateway', 'dispatcher'];

let cluster: Cluster;
let ledger: RunLedger;
let ada: HttpUser;
let longJobs: readonly string[];
const quickJobs: string[] = [];

const retry = { maxAttempts: 20, initialDelayMs: 100, maxDelayMs: 500 };
const scheduleLong = (): Promise<string> =>
  ada.schedule(Date.now(), {
    location: 'print:',
    payload: { sleepMs: 600_000 },
    timeoutMs: 700_000,
    retry,
  });
const startsOf = (events: readonly LoggedEvent[] = []): number =>
  events.filter(({ type }) => type === 'JobStarted').length;

/** Jobs that come due all the while: the system works on, whatever is frozen. */
const trickle = async (forMs: number): Promise<void> => {
  const untilMs = performance.now() + forMs;
  while (performance.now() < untilMs) {
    quickJobs.push(await ada.schedule(Date.now(), { location: ledger.location, retry }));
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
};
const quickOnesEnd = (): Promise<unknown> =>
  until(() => new Set(ledger.runs().map((run) => run.split('/')[0])).size >= quickJobs.length, {
    timeoutMs: 30_000,
    what: 'all quick jobs have run',
  });
const expectLongOnesToRunOnce = async (): Promise<void> => {
  const streams = await readJobStreams(cluster.eventstoreUrl);
  const told = longJobs.map((jobId) => streams.get(jobId)?.map(({ type }) => type));
  expect(told).toEqual(longJobs.map(() => ['JobScheduled', 'JobDispatched', 'JobStarted']));
};

beforeAll(async () => {
  ledger = await startRunLedger(20);
  cluster = await startCluster({
    workers: [
      'projector',
      'dispatcher',
      'rescuer',
      ...(isLong ? (['archivist'] as const) : []),
      'executor-gateway',
      'executor-gateway#2',
      ...executors,
      'web',
    ],
    env: {
      ALLOW_PRIVATE_TARGETS: 'true',
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      EXECUTOR_CONCURRENCY: '10',
      HEARTBEAT_MS: '500',
      EXECUTOR_SILENT_MS: String(SILENT_MS),
      START_TIMEOUT_MS: '3000',
    },
    behindProxy: cutOff,
  });
  ada = httpUser(cluster.httpUrl, apiKeyOf('ada'));
  longJobs = await Promise.all(Array.from({ length: 8 }, () => scheduleLong()));
  await until(
    async () => {
      const streams = await readJobStreams(cluster.eventstoreUrl);
      return longJobs.every((jobId) => startsOf(streams.get(jobId)) === 1);
    },
    { timeoutMs: 30_000, what: 'all eight run' },
  );
}, 120_000);

afterAll(async () => {
  await Promise.all(executors.map(cluster.kill)); // their long jobs would be waited for
  await cluster.stop();
  await ledger.close();
}, 60_000);

/** The gate freezes those that two-of-each does not. What `/readyz` then says of it; a gateway has another beside it. */
const frozen: readonly (readonly [WorkerName, RegExp])[] = [
  ['executor-gateway', /^200 /],
  ['projector', /^503 .*"projector":"not heard of for \d+ s"/],
];
const frozenInLongRounds: readonly (readonly [WorkerName, RegExp])[] = [
  ['dispatcher', /^503 .*"dispatcher":"not heard of for \d+ s"/],
  ['rescuer', /^200 .*"rescuer":"not heard of for \d+ s"/],
  ['archivist', /^200 /],
];

const untilReadyz = (says: RegExp): Promise<unknown> =>
  until(
    async () => {
      const { status, body } = await ada.get('/readyz');
      return says.test(`${status} ${JSON.stringify(body)}`);
    },
    { timeoutMs: 30_000, what: `/readyz says ${String(says)}` },
  );

test.each([...frozen, ...(isLong ? frozenInLongRounds : [])])(
  'a frozen %s, and its thaw, make no second run of a job whose executor lives; /readyz tells what stands still, and that it goes on',
  async (name, says) => {
    cluster.signal(name, 'SIGSTOP');
    await trickle(FREEZE_MS);
    await untilReadyz(says);
    cluster.signal(name, 'SIGCONT');
    await untilReadyz(/^200 /);
    await quickOnesEnd();
    await expectLongOnesToRunOnce();
  },
  120_000,
);

const testInLongRounds = isLong ? test : test.skip;

testInLongRounds(
  'a frozen API, and its thaw, make no second run of a job whose executor lives: what it was asked meanwhile is answered then',
  async () => {
    cluster.signal('web', 'SIGSTOP');
    const asked = ada.schedule(Date.now(), { location: ledger.location, retry });
    await new Promise((resolve) => setTimeout(resolve, FREEZE_MS));
    cluster.signal('web', 'SIGCONT');
    quickJobs.push(await asked);
    await quickOnesEnd();
    await expectLongOnesToRunOnce();
  },
  120_000,
);

test('connections to the broker that go silent without a reset are noticed and renewed, and nobody is lost', async () => {
  for (const name of cutOff) cluster.silence(name);
  await trickle(SILENT_MS + 1_000);
  await quickOnesEnd();
  await expectLongOnesToRunOnce();
}, 60_000);

test('in all that nothing ran early or twice, and every job that could end has ended', async () => {
  const views = await until(
    async () => {
      const jobs = await allJobs(ada);
      return quickJobs.every((jobId) => jobs.get(jobId)?.status === 'succeeded') ? jobs : undefined;
    },
    { timeoutMs: 30_000, what: 'all quick jobs have succeeded' },
  );
  for (const jobId of longJobs) expect(views.get(jobId)).toMatchObject({ status: 'running' });
  const streams = await readJobStreams(cluster.eventstoreUrl);
  expect([...streams].flatMap(([jobId, events]) => breachesOf(jobId, events))).toEqual([]);
  const runs = ledger.runs();
  expect(new Set(runs).size).toBe(runs.length);
  const lost = [...streams].filter(([, events]) =>
    events.some(({ data }) => data['cause'] === 'executor-lost'),
  );
  expect(lost.map(([jobId]) => jobId)).toEqual([]);
}, 60_000);
