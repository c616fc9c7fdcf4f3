import type { Knex } from 'knex';

/** Jobs that are dispatched and not finished, by queue and owner. */
export type LiveJobs = {
  /** Of the last event that is counted. */
  readonly position: bigint;
  readonly jobs: readonly {
    readonly queue: string;
    readonly ownerId: string;
    readonly jobs: number;
  }[];
};

type Row = {
  readonly position: string;
  readonly queue: string | null;
  readonly owner_id: string;
  readonly jobs: string;
};

/** One statement, so that the position belongs to the rows. */
const COUNT = `
  select c.position, l.queue, l.owner_id, l.jobs from checkpoint c
  left join (
    select queue, owner_id, count(*) as jobs
    from (select queue, owner_id from jobs where status = 'queued'
          union all select queue, owner_id from jobs where status = 'running') live
    group by queue, owner_id) l on true
  where c.projection = 'jobs'`;

/** Costs by the number of these jobs: ask only where somebody has a cap. */
export const countLiveJobs = async (db: Knex): Promise<LiveJobs> => {
  const { rows } = await db.raw<{ rows: readonly Row[] }>(COUNT);
  return {
    position: BigInt(rows[0]?.position ?? -1),
    jobs: rows.flatMap(({ queue, owner_id, jobs }) =>
      queue === null ? [] : [{ queue, ownerId: owner_id, jobs: Number(jobs) }],
    ),
  };
};
