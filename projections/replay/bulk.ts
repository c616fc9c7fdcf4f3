import type { Instant } from '../../domain/time';
import type { JobChange } from '../jobs/job-change';
import { jobStatements } from '../jobs/job-rows';
import { createPartitions } from '../writing/partitions';
import type { Plan, Projection } from '../projection';
import { jobChanges, jobsProjection } from '../registry';
import { statusFeedStatements } from '../jobs/status-feed';
import { inTransaction } from '../writing/transaction';
import { sendOne, type WriteSession } from '../writing/write-session';
import { STATE_TABLE } from './names';
import { stopAutovacuum, strippedIndexes } from './shadow';

/**
 * Changes as the history is written: without `due_jobs`, which is made of `jobs` at the end. Status changes that
 * nobody would be told any more were left out by the fold.
 */
export const bulkPlan = (changes: readonly JobChange[]): Plan => ({
  statements: [...statusFeedStatements(changes, 'first'), ...jobStatements(changes)],
  dueMonths: [],
});

/** @param feedSince  older status changes are left out */
export const bulkProjection = (feedSince: Instant): Projection => ({
  ...jobsProjection,
  plan: (events) => bulkPlan(jobChanges(events, feedSince)),
});

const waitingMonths = `
  select distinct to_char(due_at at time zone 'UTC', 'YYYY_MM') as month
  from jobs where status = 'scheduled'`;

/** The slot is the last byte of the id. */
const fillDueJobs = `
  insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms,
                        max_lateness_ms, owner_id, name, location, queue, payload)
  select job_id, due_at, get_byte(uuid_send(job_id), 15), revision, position, attempt, timeout_ms,
         max_lateness_ms, owner_id, name, location, queue, payload
  from jobs where status = 'scheduled'`;

/** Makes of the bulk a whole read model, in one transaction: one that was killed is done again. */
export const finishBulk = async (session: WriteSession): Promise<void> => {
  await inTransaction(session, async () => {
    await sendOne(session, { text: `set local maintenance_work_mem = '128MB'` });
    const { rows } = await sendOne(session, { text: waitingMonths });
    await createPartitions(
      session,
      rows.map(({ month }) => String(month)),
    );
    await sendOne(session, { text: fillDueJobs });
    const indexes = await strippedIndexes(session);
    await session.send([
      ...indexes.map((text) => ({ text })),
      { text: `update ${STATE_TABLE} set phase = 'follow'` },
    ]);
  });
  await stopAutovacuum(session); // of new partitions too
  await sendOne(session, { text: 'analyze jobs, due_jobs, status_feed' });
};
