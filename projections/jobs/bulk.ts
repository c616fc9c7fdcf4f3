import { isKeyMark } from '../../domain/events/key-mark';
import { isTombstone, jobIdOf } from '../../domain/ids';
import { LATENESS_KEPT_MS } from '../../domain/lateness';
import type { Instant } from '../../domain/time';
import type { Fold, Plan, Rebuild } from '../projection';
import { NO_NOTICE } from '../writing/notice';
import { createPartitions } from '../writing/partitions';
import { sendOne, type WriteSession } from '../writing/write-session';
import { jobChanges } from './batch';
import { changeFold, type JobChange, type Since } from './job-change';
import { jobStatements } from './job-rows';
import { latenessStatements } from './lateness';
import { storedPlacedFact } from './placed-fact';
import { STATUS_FEED_KEPT_MS, statusFeedStatements } from './status-feed';

/**
 * Changes as the history is written: without `due_jobs`, which is made of `jobs` at the end. Status changes and
 * starts that nobody would be told any more were left out by the fold.
 */
const bulkPlan = (changes: readonly JobChange[]): Plan => ({
  statements: [
    ...statusFeedStatements(changes, 'first'),
    ...latenessStatements(changes),
    ...jobStatements(changes),
  ],
  partitions: [],
  notice: NO_NOTICE,
});

const bulkFold = (since: Since): Fold => {
  const fold = changeFold(since);
  return {
    add: (stored) => {
      const jobId = jobIdOf(stored.stream);
      if (jobId === undefined || isKeyMark(stored.type) || isTombstone(stored.type)) return false;
      fold.add(jobId, storedPlacedFact(stored));
      return true;
    },
    plan: () => bulkPlan(fold.changes()),
  };
};

const waitingPartitions = `
  select distinct 'due_jobs_' || to_char(due_at at time zone 'UTC', 'YYYY_MM') as partition
  from jobs where status = 'scheduled'`;

/** The shard is the last byte of the id; the column has its old name. */
const fillDueJobs = `
  insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms,
                        max_lateness_ms, owner_id, name, location, queue, payload)
  select job_id, due_at, get_byte(uuid_send(job_id), 15), revision, position, attempt, timeout_ms,
         max_lateness_ms, owner_id, name, location, queue, payload
  from jobs where status = 'scheduled'`;

const makeDueJobs = async (session: WriteSession): Promise<void> => {
  const { rows } = await sendOne(session, { text: waitingPartitions });
  await createPartitions(
    session,
    rows.map(({ partition }) => String(partition)),
  );
  await sendOne(session, { text: fillDueJobs });
};

export const jobsRebuild = (now: Instant): Rebuild => {
  const since = { feed: now - STATUS_FEED_KEPT_MS, starts: now - LATENESS_KEPT_MS };
  return {
    keyless: ['status_feed'], // each event is written once
    plan: (events) => bulkPlan(jobChanges(events, since)),
    fold: () => bulkFold(since),
    finish: makeDueJobs,
  };
};
