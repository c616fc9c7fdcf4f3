import type { Instant } from '../time';
import { MAX_SEARCH_LENGTH } from '../job/limits';
import { readText, type TextReader } from '../job/read-filter';
import { isScheduleStatus, type ScheduleStatus } from './state';

export type ScheduleFilter = {
  /** Absent: everybody's, for operators. */
  readonly ownerId?: string;
  /** Absent: all but deleted ones. */
  readonly status?: readonly ScheduleStatus[];
  /** Part of the name, read literally, upper and lower case alike. */
  readonly q?: string;
};

/** A place in a list: the last schedule that was seen. */
export type ScheduleKey = { readonly createdAt: Instant; readonly scheduleId: string };

/** One or more, parted by commas. */
export const readScheduleStatuses: TextReader<readonly ScheduleStatus[]> = (text) => {
  const asked = text.split(',');
  return asked.every(isScheduleStatus)
    ? { value: [...new Set(asked)].sort() }
    : { problem: 'bad-parameter' };
};

/** Part of a name. */
export const readSearch = readText(MAX_SEARCH_LENGTH);
