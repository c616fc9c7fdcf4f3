import type { RecordedEvent } from '../../../../domain/event-log';
import { scheduleStream } from '../../../../domain/ids';
import type { ScheduleEvent } from '../../../../domain/schedule/events';

export const ids = {
  a: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa',
  b: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60bb',
} as const;
export const AT = '2026-12-07T10:00:00.000Z';

export const planned: ScheduleEvent = {
  type: 'OccurrencePlanned',
  data: { occurrenceAt: AT, dueAt: AT, jobId: ids.a, tzdata: 'test' },
};
export const paused: ScheduleEvent = { type: 'SchedulePaused', data: {} };
export const resumed: ScheduleEvent = { type: 'ScheduleResumed', data: {} };

export type Given = readonly (readonly [whose: keyof typeof ids, event: ScheduleEvent])[];

/** Events of two schedules as the log has them, ten positions apart. */
export const logOf = (given: Given): readonly RecordedEvent[] =>
  given.map(([whose, { type, data }], n) => ({
    ...{ id: `e${n}`, stream: scheduleStream(ids[whose]), type, data },
    metadata: { at: AT, schemaVersion: 1, actor: { kind: 'user', id: 'ada' } },
    ...{ revision: BigInt(n), position: BigInt(n * 10) },
  }));
