import type { JobCommand } from '../domain/job/commands';
import { job as jobDecider } from '../domain/job/decide';
import { fold, foldAppended, reject } from '../domain/decider';
import type { JobEvent } from '../domain/job/events';
import type { JobState, KnownJob } from '../domain/job/state';
import { jobStream, type Ids } from '../domain/ids';
import type { Instant, Clock } from '../domain/time';
import type { CommandContext, CommandRejection, JobAccepted, JobAnswer } from './answers';
import { metadataOf } from './append-request';
import { decideAndAppend } from './decide-and-append';
import {
  expectedRevision,
  loadJob,
  loadJobFor,
  unlessGone,
  type LoadedFact,
  type LoadedJob,
} from './job-stream';
import { takeKey } from './key-mark';
import { newEvents } from './new-events';
import type { AppendOutcome, EventLog } from '../domain/event-log';

const { decide, evolve, initial } = jobDecider;

export type HandleDeps = { readonly log: EventLog; readonly clock: Clock; readonly ids: Ids };

/** One command to one job, from the request to its answer. */
export type Order = {
  readonly jobId: string;
  readonly command: (at: Instant) => JobCommand;
  readonly context: CommandContext;
  /** The same for every try of one keyed request; fresh without a key. */
  readonly commandId: string;
  /** Fresh for each call: two requests with one key race for the append, and the loser reads the winner's answer. */
  readonly callId: string;
  /** It makes the job: likely not there yet, so it is decided without a read first, and read only after a conflict. */
  readonly isSchedule: boolean;
};

/** What tells one request from another. */
type Asked = Pick<Order, 'jobId' | 'commandId' | 'context' | 'isSchedule'>;

/** A human's job has few writers, so five lost races in a row are a fault. */
const MAX_ROUNDS = 5;

const rejected = (rejection: CommandRejection): JobAnswer => ({ outcome: 'rejected', rejection });

const accepted = (
  jobId: string,
  job: KnownJob,
  position: bigint,
  isReplay: boolean,
): JobAccepted => ({ outcome: 'accepted', jobId, job, revision: job.revision, position, isReplay });

/** The answer to an earlier request with the same key; undefined when there was none. */
const replay = (
  { jobId, commandId, context }: Asked,
  facts: readonly LoadedFact[],
): JobAnswer | undefined => {
  // Stryker disable next-line ConditionalExpression: without a key the command has an id that no event has
  if (!context.idempotency) return undefined;
  const last = facts.findLastIndex(({ metadata }) => metadata.commandId === commandId);
  const fact = facts[last];
  if (!fact) return undefined;
  if (fact.metadata.fingerprint !== context.idempotency.fingerprint)
    return rejected({ code: 'idempotency-key-reused' });
  const state = fold(evolve, initial, facts.slice(0, last + 1));
  return state.status === 'none' ? undefined : accepted(jobId, state, fact.position, true);
};

const isForeign = ({ actor }: CommandContext, state: JobState): boolean =>
  state.status !== 'none' && actor.kind !== 'operator' && state.definition.ownerId !== actor.id;

/** What settles the order before anything is decided: a foreign job, a repeat, a stale If-Match. */
const settled = (order: Asked, { facts, state, isKeyTaken }: LoadedJob): JobAnswer | undefined => {
  const { context } = order;
  if (isKeyTaken)
    return rejected({ code: order.isSchedule ? 'idempotency-key-reused' : 'job-not-found' });
  if (isForeign(context, state)) return rejected({ code: 'job-not-found' });
  const earlier = replay(order, facts);
  if (earlier) return earlier;
  const isStale =
    context.ifMatch !== undefined && state.status !== 'none' && state.revision !== context.ifMatch;
  return isStale ? rejected({ code: 'revision-mismatch', revision: state.revision }) : undefined;
};

const append = (
  { log, ids }: HandleDeps,
  { jobId, commandId, callId, context }: Order,
  at: Instant,
  events: readonly JobEvent[],
  state: JobState,
): Promise<AppendOutcome> => {
  const metadata = metadataOf(jobId, commandId, context, at);
  const made = newEvents(ids, events, `${commandId}/${callId}`, metadata);
  return unlessGone(jobId, log.append(jobStream(jobId), made, expectedRevision(state)));
};

/** Of a job that is likely not there yet, and decided on as if. */
const unread: LoadedJob = { facts: [], state: initial };

/** A job that is scheduled has an id made of who asks, or a new one: nobody else's history can be met there. */
const load = ({ log }: HandleDeps, { jobId, context, isSchedule }: Asked): Promise<LoadedJob> =>
  isSchedule ? loadJob(log, jobId) : loadJobFor(log, jobId, context.actor);

/** The answer that a keyed request has had before; undefined when it is new. @throws EventLogUnavailable */
export const answeredBefore = async (
  deps: HandleDeps,
  asked: Asked,
): Promise<JobAnswer | undefined> => settled(asked, await load(deps, asked));

/**
 * Decides a command of a user on its job.
 *
 * @throws EventLogUnavailable, AppendOutcomeUnknown, EventTooNew, JobUnreadable, JobHistoryGone
 */
export const handle = async (deps: HandleDeps, order: Order): Promise<JobAnswer> => {
  const { jobId, context, isSchedule } = order;
  const done = await decideAndAppend<LoadedJob, JobEvent, JobAnswer>(deps, {
    maxRounds: MAX_ROUNDS,
    load: (round) => (isSchedule && round === 0 ? Promise.resolve(unread) : load(deps, order)),
    decide: (at, loaded) => {
      const answer = settled(order, loaded);
      if (answer) return reject(answer);
      const decision = decide(order.command(at), loaded.state);
      return decision.outcome === 'rejected' ? reject(rejected(decision.rejection)) : decision;
    },
    // a schedule takes its key by the very append that makes the job
    append: async (events, { state }, at) =>
      isSchedule || (await takeKey(deps, { ...order, subjectId: order.jobId }, at))
        ? await append(deps, order, at, events, state)
        : reject(rejected({ code: 'idempotency-key-reused' })),
  });
  if (done.outcome === 'contended') return done;
  const { state, facts } = done.loaded;
  if (done.outcome === 'rejected') {
    // what was in time when the key was first used may be too late by now
    const mayRepeat = done.loaded === unread && context.idempotency !== undefined;
    return (mayRepeat ? await answeredBefore(deps, order) : undefined) ?? done.rejection;
  }
  const [job, position] =
    done.outcome === 'unchanged'
      ? [state, facts.at(-1)?.position ?? 0n]
      : [foldAppended(evolve, state, done), done.position];
  return job.status === 'none'
    ? rejected({ code: 'job-not-found' })
    : accepted(jobId, job, position, false);
};
