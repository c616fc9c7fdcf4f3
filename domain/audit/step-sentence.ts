import type { Actor } from '../events/metadata';
import type { JobFact } from '../job/events';
import type { JobError } from '../job/definition';
import { omissionText } from '../job/omission';
import type { JobState, KnownJob } from '../job/state';
import { fromTimestamp, type Instant } from '../time';
import { because, duration, quoted, utc, who, word } from './phrases';
import { dispatchableAt, HELD_BACK_OR_AWAY, type Standing } from './waiting';

export type Told = JobFact & { readonly metadata: { readonly actor: Actor } };
type Of<Type extends JobFact['type']> = Extract<Told, { type: Type }>;

const aheadOf = (dueAt: Instant, at: Instant): string =>
  dueAt <= at ? 'at once' : `at ${utc(dueAt)}, in ${duration(dueAt - at)}`;

const scheduledSentence = ({ at, data, metadata }: Of<'JobScheduled'>): string => {
  const origin = data.scheduleId === undefined ? '' : ` by schedule ${word(data.scheduleId)}`;
  return `${who(metadata.actor)} scheduled ${quoted(data.name)}${origin} on queue ${word(data.queue)}: due ${aheadOf(fromTimestamp(data.dueAt), at)}`;
};

const movedSentence = ({ at, data, metadata }: Of<'JobRescheduled'>, job: JobState): string => {
  const [from, to] = [fromTimestamp(data.previousDueAt), fromTimestamp(data.dueAt)];
  const direction = to < from ? 'earlier' : 'later';
  const where =
    to <= at
      ? 'so that it is due at once'
      : `to ${utc(to)}, ${duration(Math.abs(to - from))} ${direction}`;
  const message = job.status === 'queued' ? '; the message already sent is void' : '';
  return `${who(metadata.actor)} moved it from ${utc(from)} ${where}${because(data.reason)}${message}`;
};

/** Where a time lies as seen from the due time. */
const besideDue = (at: Instant, dueAt: Instant): string => {
  if (at === dueAt) return 'at its due time';
  return at < dueAt
    ? `${duration(dueAt - at)} before its due time`
    : `${duration(at - dueAt)} after its due time`;
};

const late = (at: Instant, dueAt: Instant): string =>
  at <= dueAt ? 'on time' : `${duration(at - dueAt)} late`;

/** A dispatch that came longer than this after it could have come was waited for. */
const WAITED_FROM_MS = 5_000;

const dispatchedSentence = (
  { at, data, metadata }: Of<'JobDispatched'>,
  { job, since }: Standing & { readonly job: KnownJob },
): string => {
  const wait = at - dispatchableAt({ job, since });
  const why = wait < WAITED_FROM_MS ? '' : `: ${HELD_BACK_OR_AWAY}`;
  return `${who(metadata.actor)} sent attempt ${data.attempt} to queue ${word(job.definition.queue)}, ${late(at, fromTimestamp(data.dueAt))}${why}`;
};

const redispatchedSentence = (
  { at, data, metadata }: Of<'JobRedispatched'>,
  { job, since }: Standing,
): string => {
  const queue = job.status === 'none' ? '' : ` of queue ${word(job.definition.queue)}`;
  return `${who(metadata.actor)} sent attempt ${data.attempt} again, delivery ${data.delivery}: nobody had claimed it for ${duration(at - since)}, the message was lost or executors${queue} were missing`;
};

const errorText = ({ code, message }: JobError): string => `${word(code)}: ${quoted(message)}`;

const failedSentence = ({ at, data }: Of<'JobAttemptFailed'>, { job, since }: Standing): string => {
  const attempt = `attempt ${data.attempt}`;
  const spent = duration(at - since);
  const executor = job.status === 'running' ? ` ${word(job.executorId)}` : '';
  const what = {
    reported: `${attempt} failed after ${spent} with ${errorText(data.error)}`,
    'timed-out': `${attempt} timed out after ${spent}: ${data.error.message}`,
    'executor-lost':
      data.error.code === 'grant-lost'
        ? `${attempt} was given up after ${spent}: ${data.error.message}`
        : `${attempt} was lost after ${spent}: executor${executor} stopped beating`,
    undeliverable: `${attempt} ended without a start, ${spent} after it was sent: ${data.error.message}`,
  }[data.cause];
  if (data.retryAt === undefined) return `${what}; there is no further attempt`;
  const most = job.status === 'none' ? '' : ` of ${job.definition.retry.maxAttempts}`;
  return `${what}; attempt ${data.attempt + 1}${most} follows by policy after ${duration(fromTimestamp(data.retryAt) - at)}`;
};

const succeededSentence = ({ at, data }: Of<'JobSucceeded'>, { since }: Standing): string => {
  const omission = omissionText(data.result);
  const leftOut =
    omission === undefined ? '' : `; what it gave back was left out of the result, for ${omission}`;
  return `attempt ${data.attempt} succeeded after ${duration(at - since)}${leftOut}`;
};

const gaveUpSentence = ({ data }: Of<'JobFailed'>, job: KnownJob): string => {
  const { maxAttempts } = job.definition.retry;
  const why =
    data.attempts >= maxAttempts
      ? `all ${maxAttempts} attempts are used up`
      : 'a retry would be of no use';
  return `it failed for good after attempt ${data.attempts}, for ${why}; the last error was ${errorText(data.error)}`;
};

/**
 * What a fact says, without capital and full stop.
 *
 * @param before  the job as the fact found it, known unless the fact is its JobScheduled
 */
export const stepText = (fact: Told, before: Standing): string => {
  const { at, metadata } = fact;
  const actor = who(metadata.actor);
  if (fact.type === 'JobScheduled') return scheduledSentence(fact);
  const { job } = before;
  if (job.status === 'none') throw new Error(`${fact.type} without a JobScheduled before it`);
  switch (fact.type) {
    case 'JobRescheduled':
      return movedSentence(fact, job);
    case 'JobCancelled':
      return `${actor} cancelled it ${besideDue(at, job.dueAt)} and before its start${because(fact.data.reason)}`;
    case 'JobDispatched':
      return dispatchedSentence(fact, { ...before, job });
    case 'JobRedispatched':
      return redispatchedSentence(fact, before);
    case 'JobStarted':
      return `executor ${word(fact.data.executorId)} claimed attempt ${fact.data.attempt}, ${duration(at - before.since)} after it was sent, and started it ${late(at, job.dueAt)}`;
    case 'JobSucceeded':
      return succeededSentence(fact, before);
    case 'JobAttemptFailed':
      return failedSentence(fact, before);
    case 'JobFailed':
      return gaveUpSentence(fact, job);
    case 'JobExpired':
      return `it expired: ${duration(at - job.dueAt)} after its due time, and it may be no later than ${duration(fact.data.maxLatenessMs)}`;
    case 'JobRedriven':
      return `${actor} redrove it: due at once, attempts counted afresh`;
    case 'JobAbortRequested':
      return `${actor} asked for an abort${because(fact.data.reason)}`;
    case 'JobAborted':
      return `attempt ${fact.data.attempt} was aborted`;
  }
};
