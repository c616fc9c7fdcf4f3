import type { EventEmitter } from 'node:events';
import { JobHistoryGone, JobUnreadable } from '../../commands/job-stream';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
  type RefusedBecause,
} from '../../domain/event-log';
import { OperationUnreadable } from '../../commands/operations/operation-stream';
import { ScheduleUnreadable } from '../../commands/schedules/schedule-stream';
import { WebhookUnreadable } from '../../commands/webhooks/webhook-stream';
import { SharesUnreadable } from '../../commands/set-shares';
import { EventTooNew } from '../../domain/events/upcast';
import { TooManyJobs } from '../../projections/queries/past/past-fold';
import type { Refusal } from './problem';
import type { ProblemCode } from './problem-catalogue';

/** What can be said of something that did not end in time. */
export type Late = Extract<
  ProblemCode,
  'outcome-unknown' | 'event-log-unavailable' | 'read-model-unavailable' | 'as-of-timed-out'
>;

class TimedOut extends Error {
  override readonly name = 'TimedOut';
  readonly code: Late;

  constructor(deadlineMs: number, code: Late) {
    super(`no answer in ${deadlineMs} ms`);
    this.code = code;
  }
}

/** Who asked is gone: nobody is told of this. */
export class HungUp extends Error {
  override readonly name = 'HungUp';
}

/**
 * What the work comes to, or a throw that means `late` when that takes longer than the deadline.
 *
 * @param work   its signal aborts when nobody waits for it any more
 * @param asker  closes when who asked hangs up: the signal then aborts with HungUp
 */
export const within = async <T>(
  deadlineMs: number,
  late: Late,
  work: (signal: AbortSignal) => Promise<T>,
  asker?: EventEmitter,
): Promise<T> => {
  const ending = new AbortController();
  const hangUp = (): void => ending.abort(new HungUp('nobody waits for the answer'));
  asker?.once('close', hangUp);
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const error = new TimedOut(deadlineMs, late);
      reject(error);
      ending.abort(error);
    }, deadlineMs);
  });
  try {
    return await Promise.race([work(ending.signal), timedOut]);
  } finally {
    clearTimeout(timer);
    asker?.off('close', hangUp);
  }
};

/** Seconds after which it is worth asking again. */
export const RETRY_AFTER = { 'Retry-After': '1' } as const;

const codeOfRefusal = {
  'access-denied': 'event-log-refuses',
  'too-large': 'event-too-large',
} as const satisfies Record<RefusedBecause, ProblemCode>;

const goneJob = ({ firstRevision }: JobHistoryGone): Refusal => ({
  code: 'job-history-gone',
  ...(firstRevision !== undefined && { members: { firstRevision: Number(firstRevision) } }),
});

/** What a throw means to the caller; undefined for a bug, of which callers learn nothing. */
export const refusalOfFailure = (
  error: unknown,
  isOutage: (error: unknown) => boolean,
): Refusal | undefined => {
  if (error instanceof TimedOut) return { code: error.code, headers: RETRY_AFTER };
  if (error instanceof EventLogUnavailable)
    return { code: 'event-log-unavailable', headers: RETRY_AFTER };
  if (error instanceof EventLogRefused) return { code: codeOfRefusal[error.because] };
  if (error instanceof AppendOutcomeUnknown)
    return { code: 'outcome-unknown', headers: RETRY_AFTER };
  if (error instanceof SharesUnreadable) return { code: 'shares-unreadable' };
  if (error instanceof EventTooNew) return { code: 'event-too-new', headers: RETRY_AFTER };
  if (error instanceof JobHistoryGone) return goneJob(error);
  if (error instanceof JobUnreadable) return { code: 'job-unreadable' };
  if (error instanceof ScheduleUnreadable) return { code: 'schedule-unreadable' };
  if (error instanceof OperationUnreadable) return { code: 'operation-unreadable' };
  if (error instanceof WebhookUnreadable) return { code: 'webhook-unreadable' };
  if (error instanceof TooManyJobs) return { code: 'as-of-too-wide' };
  if (isOutage(error)) return { code: 'read-model-unavailable', headers: RETRY_AFTER };
  return undefined;
};

const FOR_OPERATORS: ReadonlySet<string> = new Set([
  'event-log-refuses',
  'event-too-new',
  'job-unreadable',
  'schedule-unreadable',
  'operation-unreadable',
  'shares-unreadable',
  'webhook-unreadable',
]);

/** Whether an operator has to know which request met it: a bug, or events that this build cannot read. */
export const isForOperators = (refusal: Refusal | undefined): boolean =>
  refusal === undefined || FOR_OPERATORS.has(refusal.code);
