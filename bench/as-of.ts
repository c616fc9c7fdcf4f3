import { jobHistory } from '../commands/job-history';
import type { AsOf } from '../domain/audit/as-of';
import { systemClock } from '../infra/clock';
import { closeEventStore, openEventStore } from '../infra/eventstore/client';
import { eventStoreEventAt } from '../infra/eventstore/event-at';
import { eventStoreLog } from '../infra/eventstore/event-log';
import { eventStoreScan } from '../infra/eventstore/log-scan';
import type { LogConsumer } from '../processes/archiving/consumer';
import { jobSnapshots } from '../processes/archiving/job-snapshots';
import { snapshotStore } from '../projections/snapshots/job-snapshots';
import { pastJobs, type PastJobs } from '../projections/queries/past/jobs-as-of';
import { pastSnapshots } from '../projections/queries/past/past-snapshots';
import { childrenSeconds } from './cpu';
import { onFilledLog, type FilledLog } from './filled-log';
import { jobId } from './made-up-events';
import type { OwnPostgres } from './own-postgres';
import type { Measurement, Row, RowOptions } from './row';
import { percentiles, rounded } from './statistics';
import { streams } from './names';

const JOBS = 250_000;
const LISTS = 11;
const SINGLE_JOBS = 300;
const OWNER = 'owner-7';

type EventStore = ReturnType<typeof openEventStore>;

const sizeBytes = async ({ db }: OwnPostgres): Promise<number> => {
  const { rows } = await db.raw<{ rows: readonly { readonly bytes: string }[] }>(
    `select pg_total_relation_size('job_snapshots') + pg_total_relation_size('snapshot_blocks') as bytes`,
  );
  return Number(rows[0]?.bytes);
};

type Cost = {
  readonly seconds: number;
  readonly nodeSeconds: number;
  readonly postgresSeconds: number;
};

/** What a scan of the whole log costs together with what is done with its batches. */
const scanCost = async (
  { postgres }: FilledLog,
  client: EventStore,
  { signal }: RowOptions,
  take: LogConsumer['take'],
): Promise<Cost> => {
  const [cpu, before, startMs] = [
    process.cpuUsage(),
    await childrenSeconds(postgres.pid),
    performance.now(),
  ];
  for await (const batch of eventStoreScan(client, streams)({ after: 'start' }, signal))
    await take(batch);
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const postgresSeconds = (await childrenSeconds(postgres.pid)) - before;
  return { seconds, nodeSeconds: (user + system) / 1e6, postgresSeconds };
};

/** Lets the consumer take the whole log and tells what that costs beside the scan itself. */
const snapshotCost = async (
  log: FilledLog,
  client: EventStore,
  options: RowOptions,
): Promise<Measurement> => {
  const { events, postgres } = log;
  const scan = await scanCost(log, client, options, () => Promise.resolve());
  const consumer = jobSnapshots({
    store: snapshotStore(postgres.db),
    eventAt: eventStoreEventAt(client),
    clock: systemClock,
  });
  await consumer.position();
  const both = await scanCost(log, client, options, consumer.take);
  const msPer1000Events = (name: 'nodeSeconds' | 'postgresSeconds'): number =>
    rounded(((both[name] - scan[name]) * 1e6) / events);
  return {
    of: 'snapshots of the whole log',
    values: {
      events,
      scanEventsPerSecond: rounded(events / scan.seconds),
      eventsPerSecond: rounded(events / both.seconds),
      nodeCpuMsPer1000Events: msPer1000Events('nodeSeconds'),
      postgresCpuMsPer1000Events: msPer1000Events('postgresSeconds'),
      bytesPerEvent: rounded((await sizeBytes(postgres)) / events),
    },
  };
};

/** A time half-way between the ends of two blocks, the second of them `share` of the chain from its start. */
const betweenBlocks = async ({ db }: OwnPostgres, share: number): Promise<AsOf> => {
  const blocks = await db<{ newest_at_ms: string }>('snapshot_blocks')
    .select('newest_at_ms')
    .orderBy('end_position');
  const at = Math.max(1, Math.floor((blocks.length - 1) * share));
  const [one, next] = [at - 1, at].map((index) => Number(blocks[index]?.newest_at_ms));
  return { kind: 'time', at: Math.round(((one ?? 0) + (next ?? 0)) / 2) };
};

const listing = async (
  { list }: PastJobs,
  asOf: AsOf,
  { signal }: RowOptions,
  runs: number,
): Promise<{ readonly jobs: number; readonly durationsMs: readonly number[] }> => {
  const durationsMs: number[] = [];
  let jobs = 0;
  for (let run = 0; run < runs; run++) {
    const startMs = performance.now();
    const { items } = await list({ asOf, filter: { ownerId: OWNER }, signal });
    durationsMs.push(performance.now() - startMs);
    jobs = items.length;
  }
  return { jobs, durationsMs };
};

const oneJob = async (client: EventStore, asOf: AsOf): Promise<Measurement> => {
  const { stateAsOf } = jobHistory(eventStoreLog(client, streams), systemClock);
  const durationsMs: number[] = [];
  for (let n = 0; n < SINGLE_JOBS; n++) {
    const startMs = performance.now();
    await stateAsOf(jobId(n * 7), { kind: 'operator', id: 'bench' }, asOf);
    durationsMs.push(performance.now() - startMs);
  }
  return { of: 'one job', values: percentiles(durationsMs) };
};

const pastOf = ({ postgres }: FilledLog, client: EventStore): PastJobs =>
  pastJobs({
    snapshots: pastSnapshots(postgres.db),
    scan: eventStoreScan(client, streams),
    log: eventStoreLog(client, streams),
    // each question is folded: nothing is kept from the one before
    ...{ maxJobs: JOBS * 2, keptLists: 1, keptJobs: 0 },
  });

const listAt = async (
  log: FilledLog,
  client: EventStore,
  options: RowOptions,
  share: number,
  of: string,
): Promise<Measurement> => {
  const past = pastOf(log, client);
  const asOf = await betweenBlocks(log.postgres, share);
  await listing(past, asOf, options, 2);
  const { jobs, durationsMs } = await listing(past, asOf, options, LISTS);
  return {
    of,
    values: { jobs, events: log.events, ...percentiles(durationsMs) },
    target: [{ of: 'p50Ms', atMost: 2_000 }],
  };
};

const lists = async (
  log: FilledLog,
  client: EventStore,
  options: RowOptions,
  snapshots: Measurement,
): Promise<readonly Measurement[]> => {
  const middle = await betweenBlocks(log.postgres, 0.5);
  const results = [
    snapshots,
    await listAt(log, client, options, 1, 'list of an owner between the last two blocks'),
    await listAt(log, client, options, 0.5, 'list of an owner in the middle of the log'),
    await oneJob(client, middle),
  ];
  options.note('the same list without snapshots');
  await log.postgres.db.raw('truncate job_snapshots, snapshot_blocks');
  const { jobs, durationsMs } = await listing(pastOf(log, client), middle, options, 1);
  return [
    ...results,
    {
      of: 'list in the middle of the log without snapshots',
      values: { jobs, seconds: rounded((durationsMs[0] ?? Number.NaN) / 1_000) },
    },
  ];
};

/** Jobs live as close to each other as at 1,150 a second. */
const BUSY_PACE = 0.0035;

/** Fills a log and makes its snapshots; `work` is told what they cost. */
const onSnapshots = async (
  options: RowOptions,
  pace: number,
  work: typeof lists,
): Promise<readonly Measurement[]> =>
  await onFilledLog(options, { jobs: JOBS, pace }, async (log) => {
    const client = openEventStore(log.server.url);
    try {
      options.note('making the snapshots');
      const cost = await snapshotCost(log, client, options);
      return await work(log, client, options, cost);
    } finally {
      await closeEventStore(client);
    }
  });

/** A list, and one job, as they stood at a past time, and what the snapshots cost that lists begin with. */
export const asOf: Row = {
  name: 'as-of',
  measure: async (options) => [
    ...(await onSnapshots(options, 1, lists)),
    // a minute, by which clocks may differ, is a quarter of this log
    ...(await onSnapshots(options, BUSY_PACE, async (log, client) => [
      await listAt(log, client, options, 0.5, 'list of an owner in the middle of a busy log'),
    ])),
  ],
};
