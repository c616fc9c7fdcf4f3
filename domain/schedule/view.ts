import { toTimestamp, type Timestamp } from '../time';
import type { Rule, ScheduleDefinition } from './definition';
import type { KnownSchedule, ScheduleStatus } from './state';

/** A schedule as answers show it: with its rule beside all else, as it was sent. */
export type ScheduleView = Rule &
  Omit<ScheduleDefinition, 'rule'> & {
    readonly scheduleId: string;
    readonly status: ScheduleStatus;
    /** By how much its runs start later than their occurrences: from 0 to `spreadMs`. */
    readonly offsetMs: number;
    readonly revision: number;
    readonly createdAt: Timestamp;
    /** Since when its rule is what it is. */
    readonly ruleSince: Timestamp;
    /** Why it is paused or stopped. */
    readonly note?: string;
  };

/** What of a schedule its view needs. */
export type Viewed = Pick<
  KnownSchedule,
  'status' | 'definition' | 'offsetMs' | 'revision' | 'createdAt' | 'ruleSince' | 'note'
>;

export const scheduleViewOf = (scheduleId: string, schedule: Viewed): ScheduleView => {
  const { rule, ...definition } = schedule.definition;
  return {
    scheduleId,
    status: schedule.status,
    ...definition,
    ...rule,
    offsetMs: schedule.offsetMs,
    revision: Number(schedule.revision),
    createdAt: toTimestamp(schedule.createdAt),
    ruleSince: toTimestamp(schedule.ruleSince),
    ...(schedule.note !== undefined && { note: schedule.note }),
  };
};
