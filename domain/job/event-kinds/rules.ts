import type { AuditRule } from '../../audit/audited-event';
import type { JobTrace, TraceStatus } from '../../audit/job-trace';
import { toTimestamp } from '../../time';

type Rule<Data = object> = AuditRule<JobTrace, Data>;
type OfAttempt = { readonly attempt: number };

const statusNames: Readonly<Partial<Record<TraceStatus, string>>> = {
  none: 'that was never scheduled',
  'attempt-ended': 'whose last attempt has failed',
};
export const jobThatIs = (status: TraceStatus): string =>
  `a job ${statusNames[status] ?? `that is ${status}`}`;

export const differs = (what: string, told: number, due: number): string =>
  `${what} ${told} where ${due} was to come`;

export const dueDiffers = (type: string, told: number, { dueAt }: Readonly<JobTrace>) =>
  told === dueAt || Number.isNaN(dueAt)
    ? undefined
    : `${type} names the due time ${toTimestamp(told)}, in force was ${toTimestamp(dueAt)}`;

export const latestAt = ({ dueAt, maxLatenessMs }: Readonly<JobTrace>): number =>
  dueAt + maxLatenessMs;

export const notEarly: Rule = {
  name: 'started-early',
  breach: ({ dueAt }, { type, at }) =>
    at < dueAt
      ? `${type} at ${toTimestamp(at)}, ${dueAt - at} ms before the due time ${toTimestamp(dueAt)}`
      : undefined,
};

export const notTooLate: Rule = {
  name: 'lateness-limit',
  breach: (job, { type, at }) =>
    at > latestAt(job)
      ? `${type} at ${toTimestamp(at)}, later than ${toTimestamp(latestAt(job))}, when the job expires`
      : undefined,
};

export const ofTheAttempt: Rule<OfAttempt> = {
  name: 'attempt-numbers',
  breach: ({ attempt, status }, { type, data }) =>
    status === 'none' || data.attempt === attempt
      ? undefined
      : differs(`${type} of attempt`, data.attempt, attempt),
};

export const withinPolicy: Rule<OfAttempt> = {
  name: 'attempts-within-policy',
  breach: ({ maxAttempts }, { type, data: { attempt } }) =>
    attempt > maxAttempts && maxAttempts > 0
      ? `${type} of attempt ${attempt}, ${maxAttempts} are allowed`
      : undefined,
};

export const statesDueTime = (name: 'dispatch-due-time' | 'stated-due-time'): Rule => ({
  name,
  breach: (job, { type, dueAt }) => dueDiffers(type, dueAt, job),
});
