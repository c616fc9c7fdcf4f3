import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../domain/time';

/** Rows that one look reads at most, about: its cost does not grow with the table. */
const ROWS_READ = 1_000_000;
/** Room for all minutes of a year: the default would write them to disk. */
const WORK_MEM = '96MB';
/** Minutes told at most, the fullest first. */
const MINUTES_TOLD = 50_000;
/** Of a table that was never analysed. */
const ROWS_PER_PAGE = 30;

export type CrowdedMinutes = {
  /** Waiting jobs by minute, where there are `jobs` or more; estimates when there are too many rows to count. */
  readonly jobs: ReadonlyMap<Instant, number>;
  /** Of the rows that were read. */
  readonly share: number;
};

export type FindCrowdedMinutes = (
  from: Instant,
  atLeast: number,
  rowsRead?: number,
) => Promise<CrowdedMinutes>;

type Row = { readonly minute: string; readonly jobs: string };

/** As the planner does it: the density that the last analysis found, by the size of now. */
const SIZE = `
  select coalesce(sum(
    case when c.relpages > 0 and c.reltuples >= 0 then c.reltuples / c.relpages else ${ROWS_PER_PAGE} end
      * (pg_relation_size(c.oid) / current_setting('block_size')::bigint)), 0)::float8 as rows
  from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'due_jobs'::regclass`;

export const findCrowdedMinutes =
  (db: Knex): FindCrowdedMinutes =>
  async (from, atLeast, rowsRead = ROWS_READ) => {
    const size = await db.raw<{ rows: readonly { readonly rows: number }[] }>(SIZE);
    const share = Math.min(1, rowsRead / Math.max(1, size.rows[0]?.rows ?? 0));
    const sample = share < 1 ? `tablesample system (${(share * 100).toFixed(6)})` : '';
    const rows = await db.transaction(async (transaction) => {
      await transaction.raw(`set local work_mem = '${WORK_MEM}'`);
      const found = await transaction.raw<{ rows: readonly Row[] }>(
        `select (extract(epoch from minute) * 1000)::bigint as minute, jobs from (
           select date_bin('1 minute', due_at, '1970-01-01T00:00:00Z') as minute, count(*) as jobs
           from due_jobs ${sample} where due_at >= ?
           group by 1 having count(*) >= ?) crowded
         order by jobs desc limit ${MINUTES_TOLD}`,
        [toTimestamp(from), Math.max(1, Math.ceil(atLeast * share))],
      );
      return found.rows;
    });
    return {
      share,
      jobs: new Map(
        rows.map(({ minute, jobs }) => [Number(minute), Math.round(Number(jobs) / share)]),
      ),
    };
  };
