import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../domain/time';

export type DueTime = { readonly dueAt: Instant; readonly jobs: number };

/** How many jobs wait for each instant of a time, the earliest first; `to` and `after` are exclusive. */
export type DueTimes = (window: {
  readonly from: Instant;
  readonly to: Instant;
  readonly after?: Instant;
  readonly limit: number;
}) => Promise<readonly DueTime[]>;

type Row = { readonly due_at: Date; readonly jobs: string };

export const dueTimes =
  (db: Knex): DueTimes =>
  async ({ from, to, after, limit }) => {
    const first = after === undefined ? from : Math.max(from, after + 1);
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select due_at, count(*) as jobs from due_jobs where due_at >= ? and due_at < ?
       group by 1 order by 1 limit ?`,
      [toTimestamp(first), toTimestamp(to), limit],
    );
    return rows.map(({ due_at, jobs }) => ({ dueAt: due_at.getTime(), jobs: Number(jobs) }));
  };
