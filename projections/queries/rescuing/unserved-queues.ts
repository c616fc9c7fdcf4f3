import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../../domain/time';
import { STILL_HELD_BACK } from '../dispatching/held-back';

export type UnservedQueue = {
  readonly queue: string;
  /** Since when its jobs have waited without executors. */
  readonly since: Instant;
  /** Dispatched jobs in it. */
  readonly jobs: number;
  /** Why an executor that beats for it cannot take them, in its own words. */
  readonly why?: string;
};

/** Jobs of a queue that wait for executors, and since when. */
export type WaitingQueue = Omit<UnservedQueue, 'why'>;

export type QueuedPage = {
  readonly queues: readonly WaitingQueue[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: bigint | undefined;
};

/** Evidence of queues that nobody serves, and where it is told what was found. All times are the database's. */
export type UnservedQueues = {
  /** Dispatched jobs by queue, `limit` of them from a position of the log on. */
  readonly queued: (after: bigint, limit: number) => Promise<QueuedPage>;
  /** Queues of which jobs are held back from dispatch. */
  readonly heldBack: () => Promise<readonly WaitingQueue[]>;
  /** The last beat for each queue of an executor that could take jobs; `audibleSince` is undefined while beats cannot be heard. */
  readonly beats: () => Promise<{
    readonly now: Instant;
    readonly audibleSince: Instant | undefined;
    readonly lastBeats: ReadonlyMap<string, Instant>;
    /** What executors say that keeps them from taking jobs, one for each queue. */
    readonly hindrances: ReadonlyMap<string, string>;
  }>;
  /** Replaces what was told before. */
  readonly tell: (queues: readonly UnservedQueue[]) => Promise<void>;
  /** Those that wait longest, and how many there are in all; none when nobody has looked for a minute. */
  readonly told: (
    limit: number,
  ) => Promise<{ readonly count: number; readonly longest: readonly UnservedQueue[] }>;
};

const TOLD_MS = 60_000;
/** Since when beats have been heard without a gap; null while they are not. */
const AUDIBLE_SINCE = `
  select min(listening_since) from gateways
  where alive_at > clock_timestamp() - interval '3 seconds'`;

type Row = { readonly queue: string; readonly since: Date; readonly jobs: number };

const queueOf = ({ queue, since, jobs }: Row): WaitingQueue => ({
  queue,
  jobs,
  since: since.getTime(),
});

export const unservedQueues = (db: Knex): UnservedQueues => ({
  queued: async (after, limit) => {
    type PageRow = Row & { readonly seen: number; readonly last: string };
    const { rows } = await db.raw<{ rows: readonly PageRow[] }>(
      `with page as materialized (
         select queue, dispatched_at, position from jobs
         where status = 'queued' and position > ? order by position limit ?)
       select queue, min(dispatched_at) as since, count(*)::integer as jobs,
              sum(count(*)) over ()::integer as seen, max(max(position)) over () as last
       from page group by queue`,
      [String(after), limit],
    );
    const [row] = rows;
    return {
      queues: rows.map(queueOf),
      next: row?.seen === limit ? BigInt(row.last) : undefined,
    };
  },

  heldBack: async () => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select queue, min(since) as since, 0 as jobs from held_back
       where ${STILL_HELD_BACK} group by queue`,
    );
    return rows.map(queueOf);
  },

  beats: async () => {
    type BeatRow = {
      readonly queue: string | null;
      readonly able_at: Date;
      readonly cannot_take: string | null;
      readonly now: Date;
      readonly audible_since: Date;
    };
    const { rows } = await db.raw<{ rows: readonly BeatRow[] }>(
      `select e.queue, max(coalesce(e.able_until, e.last_beat_at)) as able_at,
              max(e.cannot_take) filter (
                where e.last_beat_at > clock_timestamp() - interval '1 minute') as cannot_take,
              clock_timestamp() as now, (${AUDIBLE_SINCE}) as audible_since
       from (select 1) one left join executors e on true group by e.queue`,
    );
    const known = rows.flatMap(({ queue, able_at }) =>
      queue === null ? [] : [[queue, able_at.getTime()] as const],
    );
    const hindered = rows.flatMap(({ queue, cannot_take }) =>
      queue === null || cannot_take === null ? [] : [[queue, cannot_take] as const],
    );
    const [row] = rows;
    const audible: Date | null | undefined = row?.audible_since;
    return {
      now: row?.now.getTime() ?? 0,
      audibleSince: audible?.getTime(),
      lastBeats: new Map(known),
      hindrances: new Map(hindered),
    };
  },

  tell: async (queues) => {
    await db.transaction(async (transaction) => {
      await transaction.raw('delete from unserved_queues');
      if (queues.length === 0) return;
      await transaction.raw(
        `insert into unserved_queues (queue, since, jobs, why, seen_at)
         select q.queue, q.since, q.jobs, nullif(q.why, ''), clock_timestamp()
         from unnest(?::text[], ?::timestamptz[], ?::integer[], ?::text[])
           as q(queue, since, jobs, why)`,
        [
          queues.map(({ queue }) => queue),
          queues.map(({ since }) => toTimestamp(since)),
          queues.map(({ jobs }) => jobs),
          queues.map(({ why }) => why ?? ''),
        ],
      );
    });
  },

  told: async (limit) => {
    type ToldRow = Row & { readonly count: number; readonly why: string | null };
    const { rows } = await db.raw<{ rows: readonly ToldRow[] }>(
      `select queue, since, jobs, why, count(*) over ()::integer as count from unserved_queues
       where seen_at > clock_timestamp() - interval '${TOLD_MS} milliseconds'
       order by since, queue limit ?`,
      [limit],
    );
    return {
      count: rows[0]?.count ?? 0,
      longest: rows.map((row) => ({ ...queueOf(row), ...(row.why !== null && { why: row.why }) })),
    };
  },
});
