/**
 * By how much the runs of a schedule start later than their occurrences, in ms from 0 to `spreadMs`: the same for all
 * of its runs, and another for each schedule, so that those of one minute do not start together.
 *
 * @param scheduleId  a UUID: its last digits are evenly spread
 */
export const spreadOffsetMs = (scheduleId: string, spreadMs: number): number =>
  Number.parseInt(scheduleId.slice(-8), 16) % (spreadMs + 1);
