import type { AttemptCommands } from '../../commands/attempt-commands';
import type { Clock, Draw } from '../../commands/ports';
import type { Instant } from '../../domain/time';
import type { NeverStarted } from '../../projections/queries/unfinished-jobs';
import { retrying } from '../backoff';
import type { DueMessages } from '../due-messages';
import { jobDueHead, jobDueText, messageIdOf } from '../protocol/job-due';

export type RescueMessageDeps = {
  readonly commands: Pick<AttemptCommands, 'redispatch' | 'expire'>;
  readonly messages: DueMessages;
  readonly clock: Clock;
  readonly draw: Draw;
};

/** `waiting`: the broker still has the message, executors are merely slow. */
export type Rescued = 'waiting' | 'redispatched' | 'expired' | 'stale';

export const isTooLate = ({ dueAt, maxLatenessMs }: NeverStarted, now: Instant): boolean =>
  maxLatenessMs !== undefined && now > dueAt + maxLatenessMs;

/**
 * Looks after one job that was dispatched and not started: lets it expire when it is too late for it, leaves
 * it alone while its message waits in the broker, and sends it again, under a new id, when the message is gone.
 *
 * @throws Error when the broker or the log is away: nothing can be said about the job now
 */
export const rescueMessage = async (
  { commands, messages, clock, draw }: RescueMessageDeps,
  job: NeverStarted,
  signal: AbortSignal,
): Promise<Rescued> => {
  const { jobId, attempt, delivery, queue } = job;
  if (isTooLate(job, clock.now()))
    return (await commands.expire(jobId)) === 'done' ? 'expired' : 'stale';
  if (await messages.isStored(queue, jobId)) return 'waiting';
  const answer = await commands.redispatch(jobId, attempt, delivery);
  if (answer.outcome !== 'redispatched') return answer.outcome;
  const { definition, revision, ticket } = answer;
  const { ownerId, name, location, timeoutMs, payload } = definition;
  const sent = {
    ...{ jobId, attempt, revision, dueAt: answer.dueAt },
    ...{ ownerId, name, location, timeoutMs },
    ...(payload !== undefined && { payload }),
  };
  const text = jobDueText(jobDueHead(sent), revision, ticket);
  await retrying(() => messages.publish(definition.queue, jobId, messageIdOf(sent), text), {
    signal,
    draw,
    isTransient: (error) => !messages.isHopeless(error),
  });
  return 'redispatched';
};
