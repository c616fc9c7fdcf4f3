import { allJobs, asFolded } from '../../support/all-jobs';
import type { HttpUser } from '../../support/http';
import { breachesOf, foldAll, readJobStreams } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { startRunLedger, type RunLedger } from '../../support/run-ledger';
import { until } from '../../support/until';
import { cluster, kinds, SILENT_MS, userOf } from './cluster';

// two of every process at once: they share the work, take over from each other, and a sleeper that wakes up does no harm

const WORK_MS = 20;
const JOBS = isLong ? 200 : 60;

let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  ledger = await startRunLedger(WORK_MS);
  ada = userOf('ada');
});

afterAll(() => ledger.close());

const scheduleMany = (
  count: number,
  spreadMs: number,
  { location = ledger.location, timeoutMs = 10_000 } = {},
): Promise<readonly string[]> => {
  const firstDueAt = Date.now() + 1_500;
  return Promise.all(
    Array.from({ length: count }, (_, index) =>
      ada.schedule(firstDueAt + Math.round((index * spreadMs) / count), {
        location,
        timeoutMs,
        retry: { maxAttempts: 20, initialDelayMs: 100, maxDelayMs: 500 },
      }),
    ),
  );
};
/** Looks at the list, one request at a time: two hundred who ask for one job each would take the cores from what they watch. */
const finish = (jobIds: readonly string[]) =>
  until(
    async () => {
      const jobs = await allJobs(ada);
      return jobIds.every((jobId) => jobs.get(jobId)?.status === 'succeeded');
    },
    { what: 'all of them have succeeded' },
  );
const runsOf = (jobIds: readonly string[]): readonly string[] => {
  const wanted = new Set(jobIds);
  return ledger.runs().filter((run) => wanted.has(run.split('/')[0] ?? ''));
};

/** No attempt ran twice, every effect is backed by the log, and the read model says what the log says. */
const expectNoHarm = async (jobIds: readonly string[]): Promise<void> => {
  const streams = await until(
    async () => {
      const now = await readJobStreams(cluster().eventstoreUrl);
      expect(asFolded(await allJobs(ada))).toEqual(foldAll(now)); // what is written meanwhile comes a little later
      return now;
    },
    { what: 'the read model is the fold of the log' },
  );
  expect([...streams].flatMap(([jobId, events]) => breachesOf(jobId, events))).toEqual([]);
  const runs = runsOf(jobIds);
  expect(new Set(runs).size).toBe(runs.length);
  const started = jobIds.flatMap((jobId) =>
    (streams.get(jobId) ?? []).flatMap(({ type, data }) =>
      type === 'JobStarted' ? [`${jobId}/${String(data['attempt'])}`] : [],
    ),
  );
  expect(runs.filter((run) => !started.includes(run))).toEqual([]);
};

test('jobs run once each', async () => {
  const jobIds = await scheduleMany(JOBS, 2_000);
  await finish(jobIds);
  expect([...runsOf(jobIds)].sort()).toEqual(jobIds.map((jobId) => `${jobId}/1`).sort());
  await expectNoHarm(jobIds);
});

test('a frozen dispatcher, executor and rescuer are taken over from, and wake up as strangers', async () => {
  // some seven run at any time: one of them at least on the executor that falls asleep
  const slowLedger = await startRunLedger(3_000);
  const asleep = ['dispatcher', 'executor', 'rescuer'] as const;
  try {
    // long enough for leases, beats and the sessions that hold locks to run out
    const jobIds = await scheduleMany(isLong ? 60 : 30, 14_000, {
      location: slowLedger.location,
      timeoutMs: 4 * SILENT_MS, // the silence is noticed before the time of the job is over
    });
    await until(() => slowLedger.runs().length >= 8);
    for (const name of asleep) cluster().signal(name, 'SIGSTOP');
    await finish(jobIds);
    for (const name of asleep) cluster().signal(name, 'SIGCONT');

    const awake = await scheduleMany(isLong ? 40 : 20, 1_000);
    await finish(awake);
    await expectNoHarm(awake);
    const streams = await readJobStreams(cluster().eventstoreUrl);
    const lost = jobIds.filter((jobId) =>
      streams.get(jobId)?.some(({ data }) => data['cause'] === 'executor-lost'),
    );
    expect(lost.length).toBeGreaterThan(0);
    for (const jobId of lost) expect((await ada.eventTypes(jobId)).at(-1)).toBe('JobSucceeded');
  } finally {
    await slowLedger.close();
  }
});

test('one of each pair is killed half-way: the others finish, and nothing runs twice in one attempt', async () => {
  const jobIds = await scheduleMany(JOBS, 3_000);
  await until(() => runsOf(jobIds).length > JOBS / 3);
  await Promise.all(kinds.map((kind) => cluster().kill(kind)));
  await finish(jobIds);
  await expectNoHarm(jobIds);
});
