import { factsAsOf, type AsOf } from '../../domain/audit/as-of';
import { fold } from '../../domain/decider';
import type { EventLog } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { schedule as decider } from '../../domain/schedule/decide';
import type { KnownSchedule, ScheduleState } from '../../domain/schedule/state';
import type { Instant } from '../../domain/time';
import {
  isForeignTo,
  readably,
  readFacts,
  ScheduleUnreadable,
  type LoadedScheduleFact,
} from './schedule-stream';

export type PastSchedule =
  | {
      readonly outcome: 'found';
      readonly schedule: KnownSchedule;
      /** The time that was asked for; of a place in the log, that of the last event before it. */
      readonly at: Instant;
    }
  /** Unknown, not yet created, or not the actor's. */
  | { readonly outcome: 'none' }
  /** Its stream is too long to be folded in the time that a request has. */
  | { readonly outcome: 'too-long' };

/** Events of one read: a stream may have millions. */
const PAGE = 1_000;

/** @throws ScheduleUnreadable where an administrator has taken its first events out of the log, or all of them */
const unlessGone = async (
  scheduleId: string,
  [first]: readonly LoadedScheduleFact[],
  ownerOf: () => Promise<string | undefined>,
): Promise<void> => {
  if (first?.revision === 0n) return;
  const ownerId = await ownerOf();
  if (first) {
    const cause = new Error(`it begins at revision ${first.revision}`);
    throw new ScheduleUnreadable(scheduleId, ownerId, cause);
  }
  if (ownerId !== undefined)
    throw new ScheduleUnreadable(scheduleId, ownerId, new Error('its stream was deleted'));
};

/**
 * A schedule as it stood then, folded from its first event, a part of its stream at a time.
 *
 * @param signal   ends it: then it is `too-long`
 * @param ownerOf  whose it is, where its stream does not say so (any more); undefined where nobody knows it
 * @throws EventLogUnavailable, EventTooNew, ScheduleUnreadable
 */
export const scheduleAsOf = async (
  log: EventLog,
  scheduleId: string,
  actor: Actor,
  asOf: AsOf,
  signal: AbortSignal,
  ownerOf: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<PastSchedule> => {
  let state: ScheduleState = decider.initial;
  let at = asOf.kind === 'time' ? asOf.at : Number.NaN;
  for (let from = 0n; ; from += BigInt(PAGE)) {
    if (signal.aborted) return { outcome: 'too-long' };
    const ownerId = state.status === 'none' ? undefined : state.definition.ownerId;
    const before = state;
    let past: readonly LoadedScheduleFact[];
    try {
      const facts = await readFacts(log, scheduleId, ownerId, from, PAGE);
      if (from === 0n) await unlessGone(scheduleId, facts, ownerOf);
      past = factsAsOf(facts, asOf);
      state = readably(scheduleId, ownerId, () => fold(decider.evolve, before, past));
    } catch (error) {
      if (!(error instanceof ScheduleUnreadable)) throw error;
      if (isForeignTo(actor, error.ownerId ?? (await ownerOf()))) return { outcome: 'none' };
      throw error;
    }
    if (asOf.kind === 'position') at = past.at(-1)?.at ?? at;
    if (past.length < PAGE) break;
  }
  return state.status === 'none' || isForeignTo(actor, state.definition.ownerId)
    ? { outcome: 'none' }
    : { outcome: 'found', schedule: state, at };
};
