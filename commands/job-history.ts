import { factsAsOf, type AsOf } from '../domain/audit/as-of';
import { storyOf, type Story } from '../domain/audit/story';
import { fold } from '../domain/decider';
import type { Actor } from '../domain/events/metadata';
import { job } from '../domain/job/decide';
import type { KnownJob } from '../domain/job/state';
import { viewOf, type JobView } from '../domain/job/view';
import type { HeldBack } from '../domain/shares/held-back';
import { toTimestamp, type Timestamp, type Clock } from '../domain/time';
import { loadJobFor, readably, type LoadedFact } from './job-stream';
import type { EventLog } from '../domain/event-log';

export type HistoryEntry = {
  readonly type: string;
  readonly data: object;
  readonly actor: Actor;
  readonly time: Timestamp;
  readonly revision: number;
  /** Commit position; a string, for JSON has no bigint. */
  readonly position: string;
};

/**
 * What the log says of a job, now or as it stood then. Each is undefined for a job that is unknown, was
 * not yet scheduled, or is not the actor's.
 *
 * @throws EventLogUnavailable, EventTooNew, JobUnreadable
 */
export type JobHistory = {
  /** The events as recorded. */
  readonly events: (
    jobId: string,
    actor: Actor,
    asOf?: AsOf,
  ) => Promise<readonly HistoryEntry[] | undefined>;
  /** As it is now, with its payload: what the read model says once it has come so far. */
  readonly state: (jobId: string, actor: Actor) => Promise<JobView | undefined>;
  /** With its payload, like the read model's view of the present. */
  readonly stateAsOf: (jobId: string, actor: Actor, asOf: AsOf) => Promise<JobView | undefined>;
  /** Waiting is counted up to the time that is asked for, else up to now. */
  readonly story: (jobId: string, actor: Actor, asOf?: AsOf) => Promise<Story | undefined>;
};

/** What holds back the due jobs of an owner in a queue right now; the log does not know. */
export type HeldBackOf = (queue: string, ownerId: string) => Promise<HeldBack | undefined>;

type Past = { readonly facts: readonly LoadedFact[]; readonly state: KnownJob };

const pastOf = async (
  log: EventLog,
  jobId: string,
  actor: Actor,
  asOf: AsOf | undefined,
): Promise<Past | undefined> => {
  const loaded = await loadJobFor(log, jobId, actor);
  const facts = asOf === undefined ? loaded.facts : factsAsOf(loaded.facts, asOf);
  const state = asOf === undefined ? loaded.state : fold(job.evolve, job.initial, facts);
  const isVisible =
    state.status !== 'none' && (actor.kind === 'operator' || state.definition.ownerId === actor.id);
  return isVisible ? { facts, state } : undefined;
};

const entryOf = (fact: LoadedFact): HistoryEntry => ({
  type: fact.type,
  data: fact.data,
  actor: fact.metadata.actor,
  time: toTimestamp(fact.at),
  revision: Number(fact.revision),
  position: String(fact.position),
});

/** @param heldBackOf  adds to the story of a job that waits now; without it, or when it fails, the log alone tells */
export const jobHistory = (
  log: EventLog,
  clock: Clock,
  heldBackOf: HeldBackOf = () => Promise.resolve(undefined),
): JobHistory => ({
  events: async (jobId, actor, asOf) => (await pastOf(log, jobId, actor, asOf))?.facts.map(entryOf),

  state: async (jobId, actor) => {
    const now = await pastOf(log, jobId, actor, undefined);
    return now && viewOf(jobId, now.state);
  },

  stateAsOf: async (jobId, actor, asOf) => {
    const past = await pastOf(log, jobId, actor, asOf);
    return past && readably(jobId, past.state, () => viewOf(jobId, past.state));
  },

  story: async (jobId, actor, asOf) => {
    const past = await pastOf(log, jobId, actor, asOf);
    if (!past) return undefined;
    const { facts, state } = past;
    if (asOf !== undefined) {
      // a place in the log has no time but that of the last event before it
      const then = asOf.kind === 'time' ? asOf.at : facts.at(-1)?.at;
      return readably(jobId, state, () => storyOf(jobId, facts, then ?? clock.now()));
    }
    const now = clock.now();
    const isDue = state.status === 'scheduled' && state.dueAt <= now;
    const { queue, ownerId } = state.definition;
    const heldBack = isDue ? await heldBackOf(queue, ownerId).catch(() => undefined) : undefined;
    return readably(jobId, state, () => storyOf(jobId, facts, now, heldBack));
  },
});
