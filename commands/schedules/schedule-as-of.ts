import type { AsOf } from '../../domain/audit/as-of';
import type { EventLog } from '../../domain/event-log';
import type { Actor } from '../../domain/events/metadata';
import { schedule as decider } from '../../domain/schedule/decide';
import type { KnownSchedule, ScheduleState } from '../../domain/schedule/state';
import { streamAsOf, type Past } from '../past/stream-as-of';
import {
  isForeignTo,
  readFacts,
  ScheduleUnreadable,
  type LoadedScheduleFact,
} from './schedule-stream';

export type PastSchedule = Past<KnownSchedule>;

/** Events of one read: a stream may have millions. */
const PART_EVENTS = 1_000;

/**
 * A schedule as it stood then, folded from its first event, a part of its stream at a time.
 *
 * @param signal   ends it: then it is `too-long`
 * @param ownerOf  whose it is, where its stream does not say so (any more); undefined where nobody knows it
 * @throws EventLogUnavailable, EventTooNew, ScheduleUnreadable
 */
export const scheduleAsOf = (
  log: EventLog,
  scheduleId: string,
  actor: Actor,
  asOf: AsOf,
  signal: AbortSignal,
  ownerOf: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<PastSchedule> =>
  streamAsOf<ScheduleState, LoadedScheduleFact, KnownSchedule>(
    {
      ...{ id: scheduleId, Unreadable: ScheduleUnreadable, partEvents: PART_EVENTS },
      ...{ initial: decider.initial, evolve: decider.evolve, ownerOf },
      read: (...part) => readFacts(log, scheduleId, ...part),
      knownIn: (state) => (state.status === 'none' ? undefined : state),
      ownerIn: ({ definition }) => definition.ownerId,
      isForeign: (ownerId) => isForeignTo(actor, ownerId),
    },
    asOf,
    signal,
  );
