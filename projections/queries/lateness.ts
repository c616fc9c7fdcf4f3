import type { Knex } from 'knex';
import { forecastStepMs, type ForecastStep, type ForecastWindow } from '../../domain/forecast';
import { msOfCell } from '../../domain/lateness';
import { toTimestamp, type Instant } from '../../domain/time';

/** How late the attempts started that were due in a bucket of time, in whole ms. */
export type LatenessBucket = {
  readonly at: Instant;
  /** Above 0: empty buckets are left out. */
  readonly starts: number;
  /** Percentiles are right to a sixteenth of themselves. */
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  /** Exact. */
  readonly maxMs: number;
};

export type LatenessQuery = ForecastWindow & {
  /** Absent: everybody's, for operators. */
  readonly ownerId?: string;
};

/** By time, the oldest first. */
export type LatenessOf = (query: LatenessQuery) => Promise<readonly LatenessBucket[]>;

type Row = {
  readonly at: string;
  readonly starts: string;
  readonly worst_ms: string;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
};

/** Rows that a step adds up: of hours for days, so that a month is no more to read than a day by minute. */
const minutesOf: Readonly<Record<ForecastStep, number>> = { minute: 1, hour: 60, day: 60 };

const percentile = (percent: number): string =>
  `min(cell) filter (where up_to * 100 >= total * ${percent}) as p${percent}`;

/**
 * Asks for each minute or hour by its key, so that others' rows in between are not read. The database adds up: what
 * comes over is a row for each bucket.
 */
const text = `
  select (extract(epoch from at) * 1000)::bigint as at, max(total) as starts, max(worst_ms) as worst_ms,
         ${[50, 90, 99].map(percentile).join(', ')}
  from (
    select at, cell, worst_ms, sum(starts) over (partition by at order by cell) as up_to,
           sum(starts) over (partition by at) as total
    from (
      select date_bin(:stepMs * interval '1 millisecond', slot.at, '1970-01-01T00:00:00Z') as at, cell,
             sum(starts) as starts, max(worst_ms) as worst_ms
      from generate_series(cast(:from as timestamptz), cast(:last as timestamptz), :minutes * interval '1 minute')
             as slot(at)
      cross join lateral (
        select cell, starts, worst_ms from lateness
        where minutes = :minutes and at = slot.at and whose = :whose offset 0) found
      group by 1, 2) cells) ranked
  group by ranked.at order by ranked.at`;

export const lateness =
  (db: Pick<Knex, 'raw'>): LatenessOf =>
  async ({ step, from, to, ownerId }) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(text, {
      stepMs: forecastStepMs[step],
      minutes: minutesOf[step],
      whose: ownerId === undefined ? '*' : `=${ownerId}`,
      from: toTimestamp(from),
      last: toTimestamp(to - 1),
    });
    return rows.map(({ at, starts, worst_ms, p50, p90, p99 }) => {
      const maxMs = Number(worst_ms);
      return {
        at: Number(at),
        starts: Number(starts),
        p50Ms: msOfCell(p50, maxMs),
        p90Ms: msOfCell(p90, maxMs),
        p99Ms: msOfCell(p99, maxMs),
        maxMs,
      };
    });
  };
