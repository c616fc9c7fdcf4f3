import type { StoredEvent } from '../events/catalog';
import { EventTooNew, UnknownEventType } from '../events/upcast';
import { decodeWholeEvent } from '../job/stored-event';
import type { JobFact } from '../job/events';
import { initial, type JobState, type KnownJob } from '../job/state';
import { evolve } from '../job/evolve';
import { hadHappened, type AsOf } from './as-of';

const nextRevision = (state: JobState): bigint =>
  state.status === 'none' ? 0n : state.revision + 1n;

/** A job without what may be large: its payload and its result, of which it tells only whether there is one. */
export type LeanJob = KnownJob & { readonly isResultLeftOut?: true };

/** Payloads are in no list and up to 64 KiB each. */
const withoutPayload = (job: KnownJob): KnownJob => {
  if (job.definition.payload === undefined) return job;
  const { payload: _payload, ...definition } = job.definition;
  return { ...job, definition };
};

/** A job with a result has come to its end: nothing follows that would have to know it. */
const withoutResult = (job: KnownJob): LeanJob => {
  if (job.result === undefined) return job;
  const { result: _result, ...rest } = job;
  return { ...(rest as KnownJob), isResultLeftOut: true }; // of the same status, and no status needs a result
};

/** Undefined for what is no job event or lacks something. @throws EventTooNew for a version newer than this build knows */
const readFact = (event: StoredEvent): JobFact | undefined => {
  try {
    return decodeWholeEvent(event);
  } catch (error) {
    if (error instanceof EventTooNew && !(error instanceof UnknownEventType)) throw error;
    return undefined;
  }
};

const evolved = (state: JobState, fact: JobFact): JobState | undefined => {
  try {
    return evolve(state, fact);
  } catch {
    return undefined;
  }
};

/**
 * The job after one more event of the log, without payload and result. Undefined when the event changes nothing:
 * it is folded already, cannot be read, or follows one that could not; the stream then stays as it was
 * before the first such event, as the read model parks it.
 *
 * @throws EventTooNew for an event newer than this build knows: stop, never skip
 */
export const jobAfter = (state: JobState, event: StoredEvent): LeanJob | undefined => {
  if (event.revision !== nextRevision(state)) return undefined;
  const fact = readFact(event);
  const after = fact && evolved(state, fact);
  if (!after || after.status === 'none' || Number.isNaN(after.dueAt)) return undefined;
  return withoutResult(withoutPayload(after));
};

/** The job as its stream had it then, without payload and result; undefined before it was scheduled. */
export const jobAsOf = (
  stream: readonly (StoredEvent & { readonly position: bigint })[],
  asOf: AsOf,
): LeanJob | undefined => {
  let state: JobState = initial;
  for (const event of stream) {
    const fact = readFact(event);
    if (!fact || !hadHappened({ at: fact.at, position: event.position }, asOf)) break;
    state = jobAfter(state, event) ?? state;
  }
  return state.status === 'none' ? undefined : state;
};
