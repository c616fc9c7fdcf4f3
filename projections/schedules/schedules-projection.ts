import { SCHEDULE_STREAM_PREFIX, scheduleIdOf } from '../../domain/ids';
import type { Projection } from '../projection';
import { NO_NOTICE, type Notice } from '../writing/notice';
import { schedules } from './migrations/0018-schedules';
import { ownersOfPlanned } from './migrations/0020-owners-of-planned';
import { cameUntil } from './migrations/0029-came-until';
import { occurrenceStatements } from './occurrence-rows';
import { scheduleStatements } from './schedule-rows';
import { scheduleRounds, type ScheduleStep } from './schedule-step';

/** The last byte of the id. */
const byShard = 'get_byte(uuid_send(t.schedule_id), 15)';

/** For the planner. */
const planNotice = (rounds: readonly (readonly ScheduleStep[])[]): Notice => {
  const positions = rounds.flat().map(({ facts }) => facts[0].position);
  return positions.length === 0
    ? NO_NOTICE
    : // Stryker disable next-line EqualityOperator: of two that are the same it is the same
      { schedulePosition: positions.reduce((a, b) => (a < b ? a : b)) };
};

/** Schedules, what became of each of their occurrences, and what the planner has to do. */
export const schedulesProjection: Projection = {
  name: 'schedules',
  tables: {
    schedules: { key: ['schedule_id'], bucket: byShard },
    schedule_occurrences: {
      key: ['schedule_id', 'occurrence_at', 'revision'],
      bucket: byShard,
    },
    schedule_withdrawals: { key: ['schedule_id', 'revision'], bucket: byShard },
    schedule_skips: { key: ['schedule_id', 'from_at', 'revision'], bucket: byShard },
    schedule_exceptions: { key: ['schedule_id', 'occurrence_at'], bucket: byShard },
  },
  migrations: [schedules, ownersOfPlanned, cameUntil],
  prefixes: [SCHEDULE_STREAM_PREFIX],
  isMine: (stream) => scheduleIdOf(stream) !== undefined,
  plan: (events) => {
    const rounds = scheduleRounds(events);
    return {
      statements: rounds.flatMap((steps) => [
        ...occurrenceStatements(steps),
        ...scheduleStatements(steps),
      ]),
      partitions: [],
      notice: planNotice(rounds),
    };
  },
  trims: [],
  noticeOfAll: () => Promise.resolve({ schedulePosition: 0n }),
  rebuild: 'by-plan',
};
