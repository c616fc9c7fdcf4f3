import type { JobEventType } from '../job/events';
import { toTimestamp } from '../time';
import { type AuditedEvent, type AuditedOf } from './audited-event';
import { exactInstant } from '../events/fields';
import type { JobTrace, TraceStatus } from './job-trace';

/** A promise that one event, in a job as it stood before, keeps or breaks. docs/audit.md explains each. */
export type JobRule = {
  readonly name: string;
  readonly of: readonly JobEventType[];
  /** @returns what is wrong, as a sentence; undefined when nothing is */
  readonly breach: (job: Readonly<JobTrace>, event: AuditedEvent) => string | undefined;
};

const rule = <T extends JobEventType>(
  name: string,
  of: readonly T[],
  breach: (job: Readonly<JobTrace>, event: AuditedOf<T>) => string | undefined,
): JobRule => ({
  name,
  of,
  // a rule is only ever asked about events of its types
  breach: (job, event) => breach(job, event as AuditedOf<T>),
});

const allTypes = [
  ...(['JobScheduled', 'JobRescheduled', 'JobCancelled', 'JobDispatched'] as const),
  ...(['JobRedispatched', 'JobStarted', 'JobSucceeded', 'JobAttemptFailed', 'JobFailed'] as const),
  ...(['JobExpired', 'JobRedriven', 'JobAbortRequested', 'JobAborted'] as const),
] satisfies readonly JobEventType[];

const changeable: readonly TraceStatus[] = ['scheduled', 'queued'];

/** In which statuses an event may happen. */
const lawful: Readonly<Record<JobEventType, readonly TraceStatus[]>> = {
  JobScheduled: ['none'],
  JobRescheduled: changeable,
  JobCancelled: changeable,
  JobDispatched: ['scheduled'],
  JobRedispatched: ['queued'],
  JobStarted: ['queued'],
  JobSucceeded: ['running'],
  JobAttemptFailed: ['running', 'queued'],
  JobFailed: ['attempt-ended'],
  JobExpired: changeable,
  JobRedriven: ['failed'],
  JobAbortRequested: ['running'],
  JobAborted: ['running', 'attempt-ended'],
};

const ends: readonly TraceStatus[] = ['succeeded', 'failed', 'cancelled', 'expired', 'aborted'];

const isSending = (type: JobEventType): boolean =>
  type === 'JobDispatched' || type === 'JobRedispatched' || type === 'JobStarted';

/** Each event out of place is told by one of these three names only. */
const isAfterCancel = ({ status }: Readonly<JobTrace>, { type }: AuditedEvent): boolean =>
  status === 'cancelled' && isSending(type);
const isAfterEnd = ({ status }: Readonly<JobTrace>, { type }: AuditedEvent): boolean =>
  ends.includes(status) && !lawful[type].includes(status);

const statusNames: Readonly<Partial<Record<TraceStatus, string>>> = {
  none: 'that was never scheduled',
  'attempt-ended': 'whose last attempt has failed',
};
const jobThatIs = (status: TraceStatus): string =>
  `a job ${statusNames[status] ?? `that is ${status}`}`;

const differs = (what: string, told: number, due: number): string =>
  `${what} ${told} where ${due} was to come`;

const dueDiffers = (type: string, told: number, { dueAt }: Readonly<JobTrace>) =>
  told === dueAt || Number.isNaN(dueAt)
    ? undefined
    : `${type} names the due time ${toTimestamp(told)}, in force was ${toTimestamp(dueAt)}`;

const latestAt = ({ dueAt, maxLatenessMs }: Readonly<JobTrace>): number => dueAt + maxLatenessMs;

/** The promises, in the order in which an event is held against them. */
export const jobRules: readonly JobRule[] = [
  rule('revision-gap', allTypes, ({ revision }, event) =>
    event.revision === revision + 1
      ? undefined
      : `revision ${event.revision} follows ${revision < 0 ? 'nothing' : `revision ${revision}`}`,
  ),

  rule('started-after-cancel', allTypes, (job, event) =>
    isAfterCancel(job, event)
      ? `${event.type} after the job was cancelled at ${toTimestamp(job.finishedAt)}`
      : undefined,
  ),
  rule('after-the-end', allTypes, (job, event) =>
    isAfterEnd(job, event) && !isAfterCancel(job, event)
      ? `${event.type} in ${jobThatIs(job.status)}`
      : undefined,
  ),
  rule('legal-transition', allTypes, (job, event) =>
    lawful[event.type].includes(job.status) || isAfterEnd(job, event)
      ? undefined
      : `${event.type} in ${jobThatIs(job.status)}`,
  ),

  rule('legal-transition', ['JobAttemptFailed'], ({ status }, { data }) =>
    (status === 'queued') !== (data.cause === 'undeliverable') &&
    lawful.JobAttemptFailed.includes(status)
      ? `an attempt ended as ${data.cause} in ${jobThatIs(status)}`
      : undefined,
  ),

  rule('started-early', ['JobDispatched', 'JobStarted'], ({ dueAt }, { type, at }) =>
    at < dueAt
      ? `${type} at ${toTimestamp(at)}, ${dueAt - at} ms before the due time ${toTimestamp(dueAt)}`
      : undefined,
  ),
  rule('one-start-per-attempt', ['JobStarted'], ({ startedAttempt }, { data: { attempt } }) =>
    attempt > startedAttempt ? undefined : `attempt ${attempt} starts once more`,
  ),
  rule(
    'attempt-numbers',
    [
      'JobDispatched',
      'JobRedispatched',
      'JobStarted',
      'JobSucceeded',
      'JobAttemptFailed',
      'JobAborted',
    ],
    ({ attempt, status }, { type, data }) =>
      status === 'none' || data.attempt === attempt
        ? undefined
        : differs(`${type} of attempt`, data.attempt, attempt),
  ),
  rule('attempt-numbers', ['JobFailed'], ({ attempt, status }, { data: { attempts } }) =>
    status === 'none' || attempts === attempt
      ? undefined
      : differs('JobFailed after attempts', attempts, attempt),
  ),
  rule('attempt-numbers', ['JobRedispatched'], ({ delivery, status }, { data }) =>
    status !== 'queued' || data.delivery === delivery + 1
      ? undefined
      : differs('JobRedispatched with delivery', data.delivery, delivery + 1),
  ),
  rule('attempts-within-policy', ['JobDispatched', 'JobStarted'], ({ maxAttempts }, event) =>
    event.data.attempt > maxAttempts && maxAttempts > 0
      ? `${event.type} of attempt ${event.data.attempt}, ${maxAttempts} are allowed`
      : undefined,
  ),
  rule('attempts-within-policy', ['JobAttemptFailed'], ({ maxAttempts }, { data }) =>
    data.retryAt !== undefined && data.attempt >= maxAttempts && maxAttempts > 0
      ? `another try after attempt ${data.attempt}, ${maxAttempts} are allowed`
      : undefined,
  ),

  rule('dispatch-due-time', ['JobDispatched'], (job, { type, dueAt }) =>
    dueDiffers(type, dueAt, job),
  ),
  rule('stated-due-time', ['JobCancelled', 'JobExpired'], (job, { type, dueAt }) =>
    dueDiffers(type, dueAt, job),
  ),
  rule('stated-due-time', ['JobRescheduled'], (job, { type, data }) =>
    dueDiffers(type, exactInstant(data.previousDueAt), job),
  ),

  rule('lateness-limit', ['JobDispatched', 'JobStarted'], (job, { type, at }) =>
    at > latestAt(job)
      ? `${type} at ${toTimestamp(at)}, later than ${toTimestamp(latestAt(job))}, when the job expires`
      : undefined,
  ),
  rule('lateness-limit', ['JobExpired'], (job, { at }) =>
    job.status === 'none' || at > latestAt(job)
      ? undefined
      : `JobExpired at ${toTimestamp(at)}, which is not too late for the job`,
  ),
  rule('time-out-early', ['JobAttemptFailed'], ({ startedAt, timeoutMs }, { at, data }) => {
    // clocks may have been set in between: what the rescuer saw counts, where it says so
    const ranMs = data.seenMs ?? at - startedAt;
    return data.cause === 'timed-out' && ranMs < timeoutMs
      ? `timed out ${ranMs} ms after its start, ${timeoutMs} ms are allowed`
      : undefined;
  }),
];
