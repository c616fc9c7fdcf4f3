import { inFlight } from '../../bench/pace';
import { toTimestamp } from '../../domain/time';
import { startCluster, type Cluster, type MemberName } from '../support/cluster';
import { httpUser, type HttpAnswer, type HttpUser } from '../support/http';
import { breachesOf, foldAll, readJobStreams } from '../support/log-checker';
import { allJobs, asFolded } from '../support/all-jobs';
import { isLong } from '../support/rounds';
import { startRunLedger, type RunLedger } from '../support/run-ledger';
import { apiKeyOf } from '../support/running-stack';
import { until } from '../support/until';

// 500 jobs under way while every process and every server in turn is killed with -9 and started again

const JOBS = 500;
const CANCELLED_EVERY = 10;
const SPREAD_MS = isLong ? 70_000 : 40_000;
const FINISHED = ['succeeded', 'failed', 'cancelled', 'expired', 'aborted'];

let cluster: Cluster;
let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  ledger = await startRunLedger(20);
  cluster = await startCluster({
    takesGiven: true,
    workers: ['projector', 'dispatcher', 'rescuer', 'executor-gateway', 'executor', 'web'],
    env: {
      ALLOW_PRIVATE_TARGETS: 'true',
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      HEARTBEAT_MS: '500',
      EXECUTOR_SILENT_MS: '3000',
      START_TIMEOUT_MS: '3000',
    },
  });
  ada = httpUser(cluster.httpUrl, apiKeyOf('ada'));
}, 240_000);

afterAll(async () => {
  await cluster.stop();
  await ledger.close();
}, 60_000);

/** Sends a keyed request until it gets an answer that means something, as a good client does. */
const insist = (send: () => Promise<HttpAnswer>): Promise<HttpAnswer> =>
  until(
    async () => {
      const answer = await send();
      return answer.status < 500 ? answer : undefined;
    },
    { timeoutMs: 60_000, what: 'a request is answered for good' },
  );

/** Few at a time: 500 who insist at once on a machine at work wait for each other beyond their due times. */
const scheduleAll = async (): Promise<readonly string[]> => {
  const jobIds: string[] = [];
  await inFlight(16, JOBS, async (index) => {
    const body = {
      name: `job ${index}`,
      dueAt: toTimestamp(Date.now() + 4_000 + Math.round((index * SPREAD_MS) / JOBS)),
      location: ledger.location,
      timeoutMs: 10_000,
      retry: { maxAttempts: 20, initialDelayMs: 200, maxDelayMs: 1_000 },
    };
    const key = { 'idempotency-key': `job-${index}` };
    const answer = await insist(() => ada.post('/v1/jobs', body, key));
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    jobIds[index] = answer.body.jobId ?? '';
  });
  return jobIds;
};

test('every accepted job starts exactly once per attempt, none early, no cancelled one, and the read model is the fold of the log', async () => {
  const jobIds = await scheduleAll();
  const victims: readonly MemberName[] = [
    'dispatcher',
    'executor-gateway',
    'projector',
    'nats',
    'executor',
    'eventstore',
    'rescuer',
    'web',
    'postgres',
  ];
  const cancelled = new Set<string>();
  const cancels = jobIds
    .filter((_, index) => index % CANCELLED_EVERY === 0)
    .map(async (jobId, index) => {
      await new Promise((resolve) => setTimeout(resolve, index * 500));
      const key = { 'idempotency-key': `cancel-${jobId}` };
      const answer = await insist(() => ada.post(`/v1/jobs/${jobId}/cancel`, {}, key));
      if (answer.status === 200) cancelled.add(jobId);
      else expect(answer.status).toBe(409);
    });

  /** On a slow machine the jobs end before the faults do. */
  const areAllDone = (): boolean => ledger.runs().length >= JOBS - cancels.length;

  // an event store that is given is not ours to kill
  const ours = cluster.members();
  for (const victim of victims.filter((name) => ours.includes(name))) {
    const runsBefore = ledger.runs().length;
    await cluster.kill(victim);
    await cluster.start(victim);
    // progress between two faults, or the next one hits a system that is still down
    await until(() => ledger.runs().length > runsBefore || areAllDone(), {
      timeoutMs: 60_000,
      what: `jobs run again after ${victim} was killed`,
    });
  }
  await Promise.all(cancels);

  await until(
    async () => [...(await allJobs(ada)).values()].every(({ status }) => FINISHED.includes(status)),
    { timeoutMs: 90_000, what: 'all jobs are finished' },
  );

  const streams = await readJobStreams(cluster.eventstoreUrl);
  expect([...streams.keys()].sort()).toEqual([...jobIds].sort());
  expect([...streams].flatMap(([jobId, events]) => breachesOf(jobId, events))).toEqual([]);

  const views = await allJobs(ada);
  expect(asFolded(views)).toEqual(foldAll(streams));

  for (const jobId of jobIds)
    expect([jobId, views.get(jobId)?.status]).toEqual([
      jobId,
      cancelled.has(jobId) ? 'cancelled' : 'succeeded',
    ]);
  const runs = ledger.runs();
  expect(new Set(runs).size).toBe(runs.length);
  expect(runs.filter((run) => cancelled.has(run.split('/')[0] ?? ''))).toEqual([]);
  expect(cancelled.size).toBeGreaterThan(0);
}, 240_000);
