import type { Knex } from 'knex';
import type { KnownSchedules } from '../../../domain/schedule/known-schedules';
import { knownSchedule, SCHEDULE_COLUMNS, type ScheduleRow } from './schedule-row';

/** Schedules by the read model: so nobody has to read the long streams of old ones. */
export const knownSchedules = (db: Knex): KnownSchedules => ({
  find: async (scheduleId) => {
    const { rows } = await db.raw<{ rows: readonly ScheduleRow[] }>(
      `select ${SCHEDULE_COLUMNS} from schedules t where t.schedule_id = ?`,
      [scheduleId],
    );
    return rows[0] && knownSchedule(rows[0]);
  },
});
