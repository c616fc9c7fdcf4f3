import { inFlight } from '../../../bench/pace';
import { toTimestamp } from '../../../domain/time';
import type { MemberName } from '../../support/cluster';
import type { HttpUser } from '../../support/http';
import { breachesOf, foldAll, readJobStreams } from '../../support/log-checker';
import { allJobs, asFolded } from '../../support/all-jobs';
import { insist } from '../../support/insist';
import { isLong } from '../../support/rounds';
import { startRunLedger, type RunLedger } from '../../support/run-ledger';
import { until } from '../../support/until';
import { cluster, userOf } from './cluster';

// jobs under way while every process and every server in turn is killed with -9 and started again

const JOBS_A_KILL = isLong ? 55 : 20;
const SPREAD_MS = isLong ? 7_000 : 2_500;
const CANCELLED_EVERY = 10;
const FINISHED = ['succeeded', 'failed', 'cancelled', 'expired', 'aborted'];

let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  ledger = await startRunLedger(20);
  ada = userOf('ada');
});

afterAll(() => ledger.close());

type Accepted = { readonly jobId: string; readonly dueAt: number };

/** Due one after the other from now on; sent a few at a time, or they wait for each other beyond their due times. */
const scheduleSome = async (round: string): Promise<readonly Accepted[]> => {
  const accepted: Accepted[] = [];
  const firstDueAt = Date.now() + 1_500;
  await inFlight(8, JOBS_A_KILL, async (index) => {
    const dueAt = firstDueAt + Math.round((index * SPREAD_MS) / JOBS_A_KILL);
    const body = {
      name: `${round} ${index}`,
      dueAt: toTimestamp(dueAt),
      location: ledger.location,
      timeoutMs: 10_000,
      retry: { maxAttempts: 20, initialDelayMs: 200, maxDelayMs: 1_000 },
    };
    const key = { 'idempotency-key': `${round}-${index}` };
    const answer = await insist(() => ada.post('/v1/jobs', body, key));
    if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
    accepted[index] = { jobId: answer.body.jobId ?? '', dueAt };
  });
  return accepted;
};

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

test('every accepted job starts exactly once per attempt, none early, no cancelled one, and the read model is the fold of the log', async () => {
  const jobIds: string[] = [];
  const cancelled = new Set<string>();
  const cancels: Promise<void>[] = [];
  /** Shortly before its due time: what was killed decides who wins. */
  const cancel = async ({ jobId, dueAt }: Accepted): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, dueAt - 300 - Date.now()));
    const key = { 'idempotency-key': `cancel-${jobId}` };
    const answer = await insist(() => ada.post(`/v1/jobs/${jobId}/cancel`, {}, key));
    if (answer.status === 200) cancelled.add(jobId);
    else expect(answer.status).toBe(409);
  };

  // an event store that is given is not ours to kill
  const ours = cluster().members();
  for (const victim of victims.filter((name) => ours.includes(name))) {
    const some = await scheduleSome(victim);
    const toCancel = some.filter((_, index) => index % CANCELLED_EVERY === CANCELLED_EVERY / 2);
    jobIds.push(...some.map(({ jobId }) => jobId));
    cancels.push(...toCancel.map(cancel));
    const runs = (): number =>
      ledger.runs().filter((run) => some.some(({ jobId }) => run.startsWith(jobId))).length;
    await until(() => runs() > 0, { what: 'jobs run' });
    await cluster().kill(victim);
    const runsBefore = runs();
    await cluster().start(victim);
    // progress between two faults, or the next one hits a system that is still down
    await until(() => runs() > runsBefore || runs() >= some.length - toCancel.length, {
      what: `jobs run again after ${victim} was killed`,
    });
  }
  await Promise.all(cancels);

  await until(
    async () => {
      const jobs = await allJobs(ada);
      return jobIds.every((jobId) => FINISHED.includes(jobs.get(jobId)?.status ?? ''));
    },
    { what: 'all jobs are finished' },
  );

  const streams = await readJobStreams(cluster().eventstoreUrl);
  const recorded = [...streams].filter(
    ([, [first]]) => first?.data['location'] === ledger.location,
  );
  expect(recorded.map(([jobId]) => jobId).sort()).toEqual([...jobIds].sort());
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
}, 400_000);
