import type { Knex } from 'knex';

/** Jobs that are dispatched, and jobs that run, by queue and owner. */
export type LiveJobs = {
  /** Of the last event that is counted. */
  readonly position: bigint;
  readonly jobs: readonly {
    readonly queue: string;
    readonly ownerId: string;
    readonly queued: number;
    /** 0 when it was not asked for. */
    readonly running: number;
  }[];
};

type Row = {
  readonly position: string;
  readonly queue: string | null;
  readonly owner_id: string;
  readonly queued: string;
  readonly running: string;
};

/** One statement, so that the position belongs to the rows. */
const liveJobs = (statuses: string): string => `
  select c.position, l.queue, l.owner_id, l.queued, l.running from checkpoint c
  left join (
    select queue, owner_id, count(*) filter (where status = 'queued') as queued,
           count(*) filter (where status = 'running') as running
    from (${statuses}) live group by queue, owner_id) l on true
  where c.projection = 'jobs'`;

const of = (status: string): string =>
  `select queue, owner_id, status from jobs where status = '${status}'`;

const QUEUED = liveJobs(of('queued'));
const QUEUED_AND_RUNNING = liveJobs(`${of('queued')} union all ${of('running')}`);

/** Costs by the number of these jobs: count the running ones only where somebody has a cap. */
export const countLiveJobs = async (db: Knex, withRunning: boolean): Promise<LiveJobs> => {
  const { rows } = await db.raw<{ rows: readonly Row[] }>(
    withRunning ? QUEUED_AND_RUNNING : QUEUED,
  );
  return {
    position: BigInt(rows[0]?.position ?? -1),
    jobs: rows.flatMap(({ queue, owner_id, queued, running }) =>
      queue === null
        ? []
        : [{ queue, ownerId: owner_id, queued: Number(queued), running: Number(running) }],
    ),
  };
};
