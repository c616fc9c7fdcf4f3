import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Instant } from '../domain/time';
import type { ProjectedPositions } from './projected-positions';
import { rounded } from './statistics';

type Watched = { readonly database: Client; readonly projected: ProjectedPositions };

const LOOK_EVERY_MS = 100;

/** How the jobs that were due in a span ended, by the read model. */
export type Endings = {
  readonly jobs: number;
  readonly succeeded: number;
  /** Four events each: scheduled, dispatched, started, succeeded. */
  readonly withFourEvents: number;
  readonly early: number;
  readonly startLateP50Ms: number;
  readonly startLateP99Ms: number;
  readonly startLateMaxMs: number;
  readonly lastFinishedAt: Instant;
};

const endingsText = `
  select count(*) as jobs,
         count(*) filter (where status = 'succeeded') as succeeded,
         count(*) filter (where revision = 3) as four,
         count(*) filter (where started_at < due_at or dispatched_at < due_at) as early,
         percentile_disc(array[0.5, 0.99, 1]) within group
           (order by extract(epoch from started_at - due_at) * 1000) as late,
         extract(epoch from max(finished_at)) * 1000 as last
  from jobs where due_at >= to_timestamp($1::float8 / 1000) and due_at < to_timestamp($2::float8 / 1000)`;

type EndingsRow = {
  readonly jobs: string;
  readonly succeeded: string;
  readonly four: string;
  readonly early: string;
  readonly late: readonly (string | number)[] | null;
  readonly last: string | null;
};

/** @param to  exclusive */
export const endingsOf = async (database: Client, from: Instant, to: Instant): Promise<Endings> => {
  const { rows } = await database.query<EndingsRow>(endingsText, [from, to]);
  const [row] = rows;
  const [p50, p99, max] = (row?.late ?? []).map(Number);
  return {
    jobs: Number(row?.jobs),
    succeeded: Number(row?.succeeded),
    withFourEvents: Number(row?.four),
    early: Number(row?.early),
    startLateP50Ms: rounded(p50 ?? Number.NaN),
    startLateP99Ms: rounded(p99 ?? Number.NaN),
    startLateMaxMs: rounded(max ?? Number.NaN),
    lastFinishedAt: Math.round(Number(row?.last)),
  };
};

const pending = `from jobs where status in ('scheduled', 'queued', 'running') and due_at <= to_timestamp($1::float8 / 1000)`;

/**
 * Once the read model has come to the log position `after`: resolves when no job that is due up to `dueUpTo` is left
 * unfinished, with how many are left: 0, or more when `withinMs` have passed.
 * Looks ten times a second, at no more than one row.
 */
export const untilFinished = async (
  { database, projected }: Watched,
  after: bigint,
  withinMs: number,
  dueUpTo: Instant = Infinity,
): Promise<number> => {
  const giveUpAt = performance.now() + withinMs;
  await Promise.race([projected.reached(after), sleep(withinMs)]);
  for (;;) {
    const { rowCount } = await database.query(`select ${pending} limit 1`, [dueUpTo]);
    if (rowCount === 0) return 0;
    if (performance.now() > giveUpAt) {
      const { rows } = await database.query<{ readonly count: string }>(
        `select count(*) ${pending}`,
        [dueUpTo],
      );
      return Number(rows[0]?.count);
    }
    await sleep(LOOK_EVERY_MS);
  }
};
