import { calendarsBy } from '../../../../domain/schedule/calendars';
import { displacedBy, standIn } from '../../../../domain/schedule/displaced';
import type { Calendar } from '../../../../domain/schedule/calendar';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { olderZones } from '../../../support/older-zones';
import {
  at,
  created,
  every,
  HOUR,
  known,
  MINUTE,
  plannedAt,
  then,
  told,
} from '../../../support/schedules';

// newer zone data moves what is to come; nothing runs twice for it, and nothing moves into the past

const rule = { timing: { cron: '0 9 * * *' }, timeZone: 'Africa/Casablanca' };
const START = at('2026-12-01T00:00');

const calendarBy = (zones: typeof pinnedZones): Calendar => {
  const made = calendarsBy(zones).of(rule, START);
  if (!('calendar' in made)) throw new Error(made.problem);
  return made.calendar;
};
const before = calendarBy(olderZones);
const now = calendarBy(pinnedZones);

const planned = () => plannedAt(created('2026-12-01T00:00', { rule }), '2026-12-01T00:01', before);

test('an occurrence that is placed elsewhere is told with where it goes, until that has passed', () => {
  const schedule = known(planned());
  expect(schedule.ahead.map(({ occurrenceAt }) => occurrenceAt)).toEqual([at('2026-12-01T08:00')]);
  expect(displacedBy(schedule, before, START)).toEqual([]);
  expect(displacedBy(schedule, now, START)).toEqual([
    { planned: schedule.ahead[0], dueAt: at('2026-12-01T09:00') },
  ]);
  // the other way round, when the right time has passed: it runs when it was going to
  const right = known(plannedAt(created('2026-12-01T00:00', { rule }), '2026-12-01T00:01', now));
  expect(displacedBy(right, before, at('2026-12-01T08:30'))).toEqual([{ planned: right.ahead[0] }]);
});

test('one that was moved by hand is left alone', () => {
  const moved = then(planned(), {
    type: 'MoveOccurrence',
    at: at('2026-12-01T00:02'),
    occurrenceAt: at('2026-12-01T08:00'),
    dueAt: at('2026-12-01T10:00'),
    calendar: before,
    jobIds: () => 'unused',
  });
  expect(displacedBy(known(moved), now, at('2026-12-01T00:03'))).toEqual([]);
});

test('whether it was moved or not, it has one run: the planner does not plan it again at its new time', () => {
  const left = plannedAt(planned(), '2026-12-01T07:59:30', now);
  expect(told(left.events).slice(1)).toEqual([
    '-1 2026-12-01T09:00..2026-12-01T09:00 zone-data',
    '2026-12-02T09:00',
  ]);
  const moved = then(planned(), {
    type: 'MoveOccurrence',
    at: at('2026-12-01T00:02'),
    occurrenceAt: at('2026-12-01T08:00'),
    dueAt: at('2026-12-01T09:00'),
    calendar: now,
    jobIds: () => 'unused',
  });
  expect(told(plannedAt(moved, '2026-12-01T07:59:30', now).events).slice(1)).toEqual([
    '2026-12-01T08:00->2026-12-01T09:00',
    '-1 2026-12-01T09:00..2026-12-01T09:00 zone-data',
    '2026-12-02T09:00',
  ]);
});

test('an instant that the rule has is nobody’s stand-in, nor is one more than a clock change away', () => {
  expect(standIn(every(10 * MINUTE), at('10:10'))).toBeUndefined();
  expect(standIn(every(10 * MINUTE), at('10:14'))).toBe(at('10:10'));
  expect(standIn(every(1000 * HOUR), at('10:14'))).toBeUndefined();
});
