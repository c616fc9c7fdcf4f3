import { factsAsOf, type AsOf } from '../domain/audit/as-of';
import { storyOf, type Story } from '../domain/audit/story';
import { fold } from '../domain/decider';
import type { Actor } from '../domain/events/metadata';
import { job } from '../domain/job/decide';
import type { KnownJob } from '../domain/job/state';
import { viewOf, type JobView } from '../domain/job/view';
import { toTimestamp, type Timestamp } from '../domain/time';
import { loadJob, type LoadedFact } from './job-stream';
import type { Clock, EventLog } from './ports';

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

type Past = { readonly facts: readonly LoadedFact[]; readonly state: KnownJob };

const pastOf = async (
  log: EventLog,
  jobId: string,
  actor: Actor,
  asOf: AsOf | undefined,
): Promise<Past | undefined> => {
  const loaded = await loadJob(log, jobId);
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

export const jobHistory = (log: EventLog, clock: Clock): JobHistory => ({
  events: async (jobId, actor, asOf) => (await pastOf(log, jobId, actor, asOf))?.facts.map(entryOf),

  state: async (jobId, actor) => {
    const now = await pastOf(log, jobId, actor, undefined);
    return now && viewOf(jobId, now.state);
  },

  stateAsOf: async (jobId, actor, asOf) => {
    const past = await pastOf(log, jobId, actor, asOf);
    return past && viewOf(jobId, past.state);
  },

  story: async (jobId, actor, asOf) => {
    const past = await pastOf(log, jobId, actor, asOf);
    if (!past) return undefined;
    // a place in the log has no time but that of the last event before it
    const then = asOf?.kind === 'time' ? asOf.at : past.facts.at(-1)?.at;
    return storyOf(
      jobId,
      past.facts,
      asOf === undefined || then === undefined ? clock.now() : then,
    );
  },
});
