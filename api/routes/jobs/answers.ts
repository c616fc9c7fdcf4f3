import type { CommandRejection, JobAccepted, JobAnswer } from '../../../commands/answers';
import { toTimestamp } from '../../../domain/time';
import { viewOf, type JobView } from '../../../domain/job/view';
import { warningsOf, type CrowdedMinute, type ToldCrowding } from './crowding';
import { RETRY_AFTER } from '../../http/failures';
import type { Refusal } from '../../http/problem';
import type { Answer } from '../../http/route';

export const etagOf = (revision: bigint | number | 'none'): string => `"${revision}"`;

export const jobPath = (jobId: string): string => `/v1/jobs/${jobId}`;

/** The job right after a command, with the position that a query waits for to see it, and warnings about its due time. */
export const jobBody = (
  answer: JobAccepted,
  crowding?: ToldCrowding,
): JobView & { readonly position: string; readonly warnings?: readonly CrowdedMinute[] } => ({
  ...viewOf(answer.jobId, answer.job),
  position: String(answer.position),
  ...(crowding && warningsOf(crowding, answer)),
});

/** What a rejection has to tell beside its code. */
export const refusalOfRejection = (rejection: CommandRejection, jobId?: string): Refusal => {
  const { code } = rejection;
  switch (code) {
    case 'revision-mismatch':
      return { code, headers: { ETag: etagOf(rejection.revision) } };
    case 'cutoff-passed':
      return { code, members: { cutoffMs: rejection.cutoffMs } };
    case 'too-early':
      return { code, members: { dueAt: toTimestamp(rejection.dueAt) } };
    case 'job-running':
      return jobId === undefined
        ? { code }
        : { code, members: { links: { abort: `${jobPath(jobId)}/abort` } } };
    default:
      return { code };
  }
};

/** The refusal of a command that was not accepted. */
export const refusalOfAnswer = (answer: Exclude<JobAnswer, JobAccepted>, jobId?: string): Refusal =>
  answer.outcome === 'contended'
    ? { code: 'contended', headers: RETRY_AFTER }
    : refusalOfRejection(answer.rejection, jobId);

/** The answer to a command on one job; `crowding` when it sets the due time. */
export const answerOf = (
  answer: JobAnswer,
  status: number,
  about: { readonly jobId?: string; readonly isNew?: true; readonly crowding?: ToldCrowding } = {},
): Answer | Refusal => {
  if (answer.outcome !== 'accepted') return refusalOfAnswer(answer, about.jobId);
  return {
    status,
    body: jobBody(answer, about.crowding),
    headers: {
      ETag: etagOf(answer.revision),
      ...(about.isNew && { Location: jobPath(answer.jobId) }),
      ...(answer.isReplay && { 'Idempotent-Replayed': 'true' }),
    },
  };
};
