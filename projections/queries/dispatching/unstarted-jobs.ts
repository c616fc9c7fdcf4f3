import type { Knex } from 'knex';

/** Jobs of one owner in one queue, or all of the queue. */
export type Flow = { readonly queue: string; readonly ownerId?: string };

/** Jobs that are dispatched and not started, of each flow in the order asked for. */
export type UnstartedJobs = {
  /** Of the last event that is counted. */
  readonly position: bigint;
  readonly jobs: readonly number[];
};

/** More of one flow are not told from this. */
const MOST = 5_000;

const counted = (whose: string): string => `
  (select count(*) from (
    select 1 from jobs j where j.status = 'queued' and j.queue = f.queue ${whose} limit ${MOST}) these)`;

/** One statement, so that the position belongs to the numbers. Reads one index entry a job, of these flows alone. */
const COUNT = `
  select c.position,
         case when f.owner_id = '' then ${counted('')}
              else ${counted('and j.owner_id = f.owner_id')} end as jobs
  from checkpoint c
  cross join unnest(?::text[], ?::text[]) with ordinality as f(queue, owner_id, nth)
  where c.projection = 'jobs' order by f.nth`;

export const countUnstartedJobs = async (
  db: Knex,
  flows: readonly Flow[],
): Promise<UnstartedJobs> => {
  const { rows } = await db.raw<{ rows: readonly { position: string; jobs: string }[] }>(COUNT, [
    flows.map(({ queue }) => queue),
    flows.map(({ ownerId }) => ownerId ?? ''),
  ]);
  return { position: BigInt(rows[0]?.position ?? -1), jobs: rows.map(({ jobs }) => Number(jobs)) };
};
