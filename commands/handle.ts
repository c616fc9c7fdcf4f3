import type { JobCommand } from '../domain/job/commands';
import { job as jobDecider } from '../domain/job/decide';
import { fold } from '../domain/decider';
import type { JobEvent } from '../domain/job/events';
import type { JobState, KnownJob } from '../domain/job/state';
import { jobStream, type Ids } from '../domain/ids';
import { toTimestamp, type Instant, type Clock } from '../domain/time';
import type { CommandContext, CommandRejection, JobAccepted, JobAnswer } from './answers';
import { loadJob, loadJobFor, unlessGone, type LoadedFact, type LoadedJob } from './job-stream';
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

/** Lost races decided again before giving up: a human's job has few writers, so five in a row is a fault. */
const TRIES = 5;

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
): Promise<AppendOutcome> =>
  unlessGone(
    jobId,
    log.append(
      jobStream(jobId),
      newEvents(ids, events, `${commandId}/${callId}`, {
        $correlationId: jobId,
        $causationId: context.correlationId,
        commandId,
        actor: context.actor,
        at: toTimestamp(at),
        ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
        ...(context.idempotency && { fingerprint: context.idempotency.fingerprint }),
      }),
      state.status === 'none' ? 'no-stream' : state.revision,
    ),
  );

/** The state that an append of `events` ending at `revision` made. */
const afterAppend = (
  state: JobState,
  events: readonly JobEvent[],
  at: Instant,
  revision: bigint,
): JobState => {
  const first = revision - BigInt(events.length) + 1n;
  const facts = events.map((event, index) => ({ ...event, at, revision: first + BigInt(index) }));
  return fold(evolve, state, facts);
};

/** Decides on a loaded job and appends; undefined when another writer was faster. */
const decideOn = async (
  deps: HandleDeps,
  order: Order,
  loaded: LoadedJob,
): Promise<JobAnswer | undefined> => {
  const { state, facts } = loaded;
  const at = deps.clock.now();
  const decision = decide(order.command(at), state);
  if (decision.outcome === 'rejected') return rejected(decision.rejection);
  if (decision.events.length === 0)
    return state.status === 'none'
      ? rejected({ code: 'job-not-found' })
      : accepted(order.jobId, state, facts.at(-1)?.position ?? 0n, false);
  // a schedule takes its key by the very append that makes the job
  if (!order.isSchedule && !(await takeKey(deps, order, at)))
    return rejected({ code: 'idempotency-key-reused' });
  const appended = await append(deps, order, at, decision.events, state);
  if (appended.outcome === 'conflict') return undefined;
  const next = afterAppend(state, decision.events, at, appended.revision);
  return next.status === 'none' ? undefined : accepted(order.jobId, next, appended.position, false);
};

const nothing: LoadedJob = { facts: [], state: initial };

/** A job that is scheduled has an id made of who asks, or a new one: nobody else's history can be met there. */
const load = ({ log }: HandleDeps, { jobId, context, isSchedule }: Asked): Promise<LoadedJob> =>
  isSchedule ? loadJob(log, jobId) : loadJobFor(log, jobId, context.actor);

/** The answer that a keyed request has had before; undefined when it is new. @throws EventLogUnavailable */
export const answeredBefore = async (
  deps: HandleDeps,
  asked: Asked,
): Promise<JobAnswer | undefined> => settled(asked, await load(deps, asked));

/**
 * Load, decide, append at the revision that was seen; after a lost race decide again on fresh state.
 *
 * @throws EventLogUnavailable, AppendOutcomeUnknown, EventTooNew, JobUnreadable, JobHistoryGone
 */
export const handle = async (deps: HandleDeps, order: Order): Promise<JobAnswer> => {
  for (let tries = 0; tries < TRIES; tries++) {
    const isUnread = order.isSchedule && tries === 0;
    const loaded = isUnread ? nothing : await load(deps, order);
    const answer = settled(order, loaded) ?? (await decideOn(deps, order, loaded));
    // what was in time when the key was first used may be too late by now
    const isRepeat = isUnread && answer?.outcome === 'rejected' && order.context.idempotency;
    if (isRepeat) return (await answeredBefore(deps, order)) ?? answer;
    if (answer) return answer;
  }
  return { outcome: 'contended' };
};
