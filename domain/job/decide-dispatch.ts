import { accept, reject, type Accepted } from '../decider';
import { toTimestamp, type Instant } from '../time';
import type { CommandOf, JobDecision } from './commands';
import { decideFailure } from './decide-failure';
import type { JobDefinition } from './definition';
import type { JobEvent } from './events';
import type { JobState, Queued } from './state';

/** What a dispatch needs to know of a scheduled job: a read-model row that carries its revision has it all. */
export type DueFacts = {
  readonly dueAt: Instant;
  readonly attempt: number;
  readonly definition: Pick<JobDefinition, 'maxLatenessMs'>;
};

/** The end of a job that is later than it may be; undefined while it is not. */
const expiry = (
  at: Instant,
  { dueAt, definition: { maxLatenessMs } }: DueFacts,
): Accepted<JobEvent> | undefined =>
  // Stryker disable next-line ConditionalExpression: no instant is later than NaN, the compiler wants it said
  maxLatenessMs !== undefined && at > dueAt + maxLatenessMs
    ? accept({ type: 'JobExpired', data: { dueAt: toTimestamp(dueAt), maxLatenessMs } })
    : undefined;

export const isExpired = (at: Instant, due: DueFacts): boolean => expiry(at, due) !== undefined;

/**
 * Dispatches a scheduled job that is due, or lets it expire when it is later than it may be. Takes a
 * row instead of a folded state, so that the hot path decides by the same rule without a read.
 */
export const decideDue = (at: Instant, due: DueFacts): JobDecision => {
  if (at < due.dueAt) return reject({ code: 'too-early', dueAt: due.dueAt });
  const { attempt, dueAt } = due;
  return (
    expiry(at, due) ??
    accept({ type: 'JobDispatched', data: { attempt, dueAt: toTimestamp(dueAt) } })
  );
};

/** Dispatches by the folded state, when it is still what the command was given for. */
export const decideDispatch = (
  { at, attempt, dueAt }: CommandOf<'DispatchJob'>,
  state: JobState,
): JobDecision => {
  const isCurrent =
    state.status === 'scheduled' && state.attempt === attempt && state.dueAt === dueAt;
  return isCurrent ? decideDue(at, state) : reject({ code: 'dispatch-superseded' });
};

/** What sending again needs to know of a queued job: a read-model row that carries its revision has it all. */
export type SentFacts = DueFacts & Pick<Queued, 'delivery'>;

/** Sends the message again under the next delivery number, or lets the job expire. By a row, as `decideDue`. */
export const decideResend = (at: Instant, sent: SentFacts): JobDecision =>
  expiry(at, sent) ??
  accept({
    type: 'JobRedispatched',
    data: { attempt: sent.attempt, delivery: sent.delivery + 1 },
  });

export const decideRedispatch = (
  { at, attempt, delivery, maxDeliveries = Infinity, draw }: CommandOf<'RedispatchJob'>,
  state: JobState,
): JobDecision => {
  const isCurrent =
    state.status === 'queued' && state.attempt === attempt && state.delivery === delivery;
  if (!isCurrent) return reject({ code: 'dispatch-superseded' });
  if (delivery < maxDeliveries || isExpired(at, state)) return decideResend(at, state);
  const error = {
    code: 'too-many-deliveries',
    message: `the message was sent ${delivery} times, and each time it was gone before an executor had started the job`,
  };
  return decideFailure(state, { at, draw, cause: 'undeliverable', error, retryable: true });
};

export const decideFailDelivery = (
  { at, attempt, error, draw }: CommandOf<'FailDelivery'>,
  state: JobState,
): JobDecision =>
  state.status === 'queued' && state.attempt === attempt
    ? decideFailure(state, { at, draw, cause: 'undeliverable', error, retryable: false })
    : reject({ code: 'dispatch-superseded' });

export const decideExpire = (at: Instant, state: JobState): JobDecision => {
  const isWaiting = state.status === 'scheduled' || state.status === 'queued';
  return (isWaiting ? expiry(at, state) : undefined) ?? accept();
};
