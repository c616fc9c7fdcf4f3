import type { Actor } from '../../domain/events/metadata';
import type { EventLog } from '../../domain/event-log';
import { scheduleStoryOf, type ScheduleStory } from '../../domain/audit/schedule-story';
import type { KnownSchedules } from '../../domain/schedule/known-schedules';
import type { KnownSchedule } from '../../domain/schedule/state';
import { toTimestamp } from '../../domain/time';
import type { HistoryEntry } from '../job-history';
import { loadScheduleFor, readFacts, type LoadedScheduleFact } from './schedule-stream';

/** Which part of a long history: events before a revision, the newest of them. */
export type HistoryPage = { readonly before?: bigint; readonly limit: number };

type Older = {
  /** Revision before which there are older events; absent when there are none. */
  readonly olderBefore?: bigint;
};

/**
 * What the log says of a schedule, the newest part unless asked for an older one: one that recurs each second has
 * millions of events. Each is undefined for a schedule that is unknown or not the actor's.
 *
 * @throws EventLogUnavailable, EventTooNew, ScheduleUnreadable
 */
export type ScheduleHistory = {
  /** The events as recorded, oldest first. */
  readonly events: (
    scheduleId: string,
    actor: Actor,
    page: HistoryPage,
  ) => Promise<({ readonly events: readonly HistoryEntry[] } & Older) | undefined>;
  readonly story: (
    scheduleId: string,
    actor: Actor,
    page: HistoryPage,
  ) => Promise<(ScheduleStory & Older) | undefined>;
};

type Part = {
  readonly schedule: KnownSchedule;
  readonly facts: readonly LoadedScheduleFact[];
  readonly older: Older;
};

const entryOf = (fact: LoadedScheduleFact): HistoryEntry => ({
  type: fact.type,
  data: fact.data,
  actor: fact.metadata.actor,
  time: toTimestamp(fact.at),
  revision: Number(fact.revision),
  position: String(fact.position),
});

export const scheduleHistory = (log: EventLog, known: KnownSchedules): ScheduleHistory => {
  const partOf = async (
    scheduleId: string,
    actor: Actor,
    { before, limit }: HistoryPage,
  ): Promise<Part | undefined> => {
    const { state } = await loadScheduleFor(log, known, scheduleId, actor);
    if (state.status === 'none') return undefined;
    const { revision, definition } = state;
    const end = before !== undefined && before <= revision ? before : revision + 1n;
    const from = end > BigInt(limit) ? end - BigInt(limit) : 0n;
    const count = Number(end - from);
    const facts =
      count === 0 ? [] : await readFacts(log, scheduleId, definition.ownerId, from, count);
    return { schedule: state, facts, older: from > 0n ? { olderBefore: from } : {} };
  };
  return {
    events: async (...asked) => {
      const part = await partOf(...asked);
      return part && { events: part.facts.map(entryOf), ...part.older };
    },
    story: async (scheduleId, actor, page) => {
      const part = await partOf(scheduleId, actor, page);
      if (!part) return undefined;
      return { ...scheduleStoryOf(scheduleId, part.schedule, part.facts), ...part.older };
    },
  };
};
