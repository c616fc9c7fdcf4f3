import { calendarsBy } from '../../../../domain/schedule/calendars';
import { upcoming } from '../../../../domain/schedule/upcoming';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import {
  at,
  created,
  definition,
  jobIds,
  known,
  plannedAt,
  then,
  type Story,
} from '../../../support/schedules';

// what a person is told of the runs to come

const hourly = { ...definition.rule, timing: { cron: '0 * * * *' } };
const timetableOf = (rule = hourly) => {
  const made = calendarsBy(pinnedZones).of(rule, at('09:00'));
  if ('problem' in made) throw new Error(made.problem);
  return made.calendar;
};
const timetable = timetableOf();

const dueTimes = (story: Story, when: string, by = timetable): readonly string[] =>
  upcoming(known(story), by, at(when), 3).map(({ dueAt }) => dueAt.slice(11, 16));

test('planned ones and those that only the rule says come in one order, and what has come is no longer to come', () => {
  const story = plannedAt(created('09:10', { rule: hourly }), '09:10', timetable);
  expect(dueTimes(story, '09:30')).toEqual(['10:00', '11:00', '12:00']);
  expect(dueTimes(story, '10:00')).toEqual(['11:00', '12:00', '13:00']);
  const [first, second] = upcoming(known(story), timetable, at('09:30'), 2);
  expect([typeof first?.jobId, second?.jobId]).toEqual(['string', undefined]);
});

test('a rule that has come to its end still has the run that is planned', () => {
  const rule = { ...hourly, endAt: '2026-12-07T11:30:00.000Z' };
  const by = timetableOf(rule);
  const first = plannedAt(created('09:10', { rule }), '09:10', by);
  const story = plannedAt(first, '10:00:10', by);
  expect(known(story).status).toBe('completed');
  expect(dueTimes(story, '10:30', by)).toEqual(['11:00']);
});

test('nothing is to come while it is paused, also not what was moved', () => {
  const moved = then(created('09:10', { rule: hourly }), {
    ...{ type: 'MoveOccurrence', at: at('09:20'), calendar: timetable, jobIds },
    ...{ occurrenceAt: at('11:00'), dueAt: at('11:30') },
  });
  expect(dueTimes(moved, '09:30')).toEqual(['10:00', '11:30', '12:00']);
  const paused = then(moved, { type: 'PauseSchedule', at: at('09:40') });
  expect(dueTimes(paused, '09:50')).toEqual([]);
});

test('an occurrence that is moved away from its place lets the next one come first', () => {
  const story = then(created('09:10', { rule: hourly }), {
    ...{ type: 'MoveOccurrence', at: at('09:20'), calendar: timetable, jobIds },
    ...{ occurrenceAt: at('10:00'), dueAt: at('12:30') },
  });
  expect(dueTimes(story, '09:30')).toEqual(['11:00', '12:00', '12:30']);
});
