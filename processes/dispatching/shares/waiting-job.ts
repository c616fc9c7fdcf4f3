import type { DueJob } from '../../../domain/job/due-job';
import type { DueRow } from '../../../projections/queries/dispatching/due-jobs';
import { jobDueHead, messageIdOf } from '../../protocol/job-due';

/** A row waiting for its due time, its message written as far as it is known. */
export type WaitingJob = DueJob & {
  readonly shard: number;
  readonly queue: string;
  readonly ownerId: string;
  readonly messageId: string;
  readonly messageHead: string;
};

export const waitingJob = (row: DueRow): WaitingJob => {
  const { jobId, dueAt, attempt, revision, timeoutMs, maxLatenessMs, shard, queue, ownerId } = row;
  // one event at the row's revision has the next one
  const sent = { ...row, revision: revision + 1n };
  return {
    jobId,
    dueAt,
    attempt,
    revision,
    timeoutMs,
    ...(maxLatenessMs !== undefined && { maxLatenessMs }),
    shard,
    queue,
    ownerId,
    messageId: messageIdOf(sent),
    messageHead: jobDueHead(sent),
  };
};
