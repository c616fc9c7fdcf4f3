import type { Knex } from 'knex';
import { forecastStepMs, type ForecastWindow } from '../../domain/forecast';
import { toTimestamp, type Instant } from '../../domain/time';

/** A bucket, and by what it is divided: nothing, a queue or an owner. */
export type ForecastKey = { readonly at: Instant; readonly group: string };

export type ForecastBucket = ForecastKey & {
  /** Above 0: empty buckets are left out. */
  readonly jobs: number;
};

export type ForecastQuery = ForecastWindow & {
  /** Absent: everybody's, for operators. */
  readonly ownerId?: string;
  readonly queue?: string;
  readonly by?: 'queue' | 'owner';
  /** The last bucket of the page before. */
  readonly after?: ForecastKey;
  readonly limit: number;
};

export type ForecastPage = {
  /** By time, then by group in the order of its bytes; `group` is empty without `by`. */
  readonly buckets: readonly ForecastBucket[];
  readonly next?: ForecastKey;
};

/** How many jobs wait for each bucket of time, counted one by one. */
export type Forecast = (query: ForecastQuery) => Promise<ForecastPage>;

type Row = { readonly at: string; readonly group: string; readonly jobs: string };

type Part = { readonly text: string; readonly values: readonly (string | number)[] };

const groupOf = { queue: 'queue collate "C"', owner: 'owner_id collate "C"' } as const;

/** One owner's jobs have an index in `jobs` and none in `due_jobs`, whose rows are the same scheduled jobs. */
const waitingOf = (ownerId: string | undefined): Part =>
  ownerId === undefined
    ? { text: 'due_jobs where true', values: [] }
    : { text: `jobs where owner_id = ? and status = 'scheduled'`, values: [ownerId] };

/** Bounds of `due_at` as values of a statement without a name: partitions outside of them are not planned. */
const statementOf = (query: ForecastQuery): Part => {
  const { step, from, to, ownerId, queue, by, after, limit } = query;
  const waiting = waitingOf(ownerId);
  const parts: readonly Part[] = [
    waiting,
    {
      text: 'and due_at >= ? and due_at < ?',
      values: [toTimestamp(Math.max(from, after?.at ?? from)), toTimestamp(to)],
    },
    ...(queue === undefined ? [] : [{ text: 'and queue = ?', values: [queue] }]),
  ];
  const later = after
    ? {
        text: 'where (at, "group") > (?::timestamptz, ?)',
        values: [toTimestamp(after.at), after.group],
      }
    : { text: '', values: [] };
  return {
    text: `
      select (extract(epoch from at) * 1000)::bigint as at, "group", jobs from (
        select date_bin(? * interval '1 millisecond', due_at, '1970-01-01T00:00:00Z') as at,
               ${by === undefined ? `'' collate "C"` : groupOf[by]} as "group", count(*) as jobs
        from ${parts.map(({ text }) => text).join(' ')}
        group by 1, 2) buckets
      ${later.text} order by 1, 2 limit ?`,
    values: [
      forecastStepMs[step],
      ...parts.flatMap(({ values }) => values),
      ...later.values,
      limit + 1, // one more than asked for tells whether there is a next page
    ],
  };
};

export const forecast =
  (db: Knex): Forecast =>
  async (query) => {
    const { text, values } = statementOf(query);
    const { rows } = await db.raw<{ rows: readonly Row[] }>(text, [...values]);
    const buckets = rows
      .slice(0, query.limit)
      .map(({ at, group, jobs }) => ({ at: Number(at), group, jobs: Number(jobs) }));
    const last = buckets.at(-1);
    return rows.length > query.limit && last
      ? { buckets, next: { at: last.at, group: last.group } }
      : { buckets };
  };
