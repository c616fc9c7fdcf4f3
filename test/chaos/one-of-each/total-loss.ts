import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { onlyOnOurs } from '../../support/given-event-store';
import { allJobs, asFolded } from '../../support/all-jobs';
import type { HttpUser } from '../../support/http';
import { breachesOf, foldAll, readJobStreams } from '../../support/log-checker';
import { isLong } from '../../support/rounds';
import { startRunLedger, type RunLedger } from '../../support/run-ledger';
import { until } from '../../support/until';
import { runVerb } from '../../support/verb';
import { cluster, userOf } from './cluster';

const test = onlyOnOurs('it takes the event store away');

// the broker's store and the whole read model are lost while jobs wait and run; all processes live on

/** So long that some run while everything else is lost. */
const WORK_MS = 4_000;
const JOBS = isLong ? 60 : 24;

let ledger: RunLedger;
let ada: HttpUser;

beforeAll(async () => {
  ledger = await startRunLedger(WORK_MS);
  ada = userOf('ada');
});

afterAll(() => ledger.close());

const lose = async (statement: string): Promise<void> => {
  await cluster().kill('nats');
  await rm(join(cluster().dataDir, 'nats'), { recursive: true });
  const client = new Client({ connectionString: cluster().postgresUrl });
  await client.connect();
  await client.query(statement);
  await client.end();
};

const delaysMs = [500, 4_000, isLong ? 20_000 : 12_000];

/** A third runs while all is lost, a third comes due meanwhile, a third afterwards. */
const scheduleAround = async (): Promise<readonly string[]> => {
  const now = Date.now();
  return await Promise.all(
    Array.from({ length: JOBS }, (_, n) =>
      ada.schedule(now + (delaysMs[n % 3] ?? 0) + n, {
        location: ledger.location,
        timeoutMs: 60_000,
      }),
    ),
  );
};

/** The gate tries the greatest loss. */
const losses: readonly (readonly [string, string])[] = [
  ['the whole schema', 'drop schema public cascade; create schema public'],
  [
    'all read tables',
    'drop table jobs, due_jobs, status_feed, parked_streams, checkpoint, slot_leases, executors, gateways, heartbeat_channel, held_back, unserved_queues',
  ],
];

test.each(isLong ? losses : losses.slice(0, 1))(
  '%s and the broker lost: after a replay every job has run once, and the read model is the fold of the log',
  async (_what, loss) => {
    const jobIds = await scheduleAround();
    const runsOf = () => ledger.runs().filter((run) => jobIds.includes(run.split('/')[0] ?? ''));
    await until(() => runsOf().length >= JOBS / 6, { what: 'some jobs run' });
    await lose(loss);
    const answer = await ada.get('/v1/jobs');
    expect([answer.status, answer.body.type]).toEqual([503, '/problems/read-model-unavailable']);

    const replayed = await runVerb([
      ...['replay', '--eventstore', cluster().eventstoreUrl],
      ...['--postgres', cluster().postgresUrl],
    ]);
    expect(replayed).toMatchObject({ code: 0 });
    await cluster().start('nats');

    await until(
      async () => {
        const jobs = await allJobs(ada);
        return jobIds.every((jobId) => jobs.get(jobId)?.status === 'succeeded');
      },
      { what: 'all jobs have succeeded' },
    );
    expect([...runsOf()].sort()).toEqual(jobIds.map((jobId) => `${jobId}/1`).sort());
    const streams = await readJobStreams(cluster().eventstoreUrl);
    expect([...streams].flatMap(([jobId, events]) => breachesOf(jobId, events))).toEqual([]);
    expect(asFolded(await allJobs(ada))).toEqual(foldAll(streams));
  },
);
