import type { WhenMissed } from '../../../../domain/schedule/definition';
import {
  at,
  created,
  every,
  HOUR,
  jobIds,
  known,
  MINUTE,
  plannedAt,
  SECOND,
  then,
  told,
  type Story,
} from '../../../support/schedules';

const each10 = every(10 * MINUTE);

/** Planned up to 10:10, and nobody there from 10:05 to 10:42. */
const downFrom1005 = (whenMissed: WhenMissed): readonly string[] => {
  const before = plannedAt(created('10:04', { whenMissed }), '10:04', each10);
  expect(told(before.events)).toEqual(['10:10']);
  return told(plannedAt(before, '10:42', each10).events).slice(1);
};

/** As late as the job of the first planned occurrence may start. */
const limitOf = ({ events }: Story): number | undefined => {
  const planned = events.find(({ type }) => type === 'OccurrencePlanned');
  return planned?.type === 'OccurrencePlanned' ? planned.data.maxLatenessMs : undefined;
};

test('the next occurrence is planned as soon as a schedule is there, so that it runs without a planner', () => {
  const story = plannedAt(created('10:04'), '10:04', each10);
  expect(told(story.events)).toEqual(['10:10']);
  expect(told(plannedAt(story, '10:04', each10).events)).toEqual(['10:10']);
});

test('the one after is planned before its time has come, so that there always is one', () => {
  const story = plannedAt(plannedAt(created('10:04'), '10:04', each10), '10:09', each10);
  expect(told(story.events)).toEqual(['10:10', '10:20']);
});

test('with skip, what was missed does not run: four skipped, the job of the first expires by itself', () => {
  expect(downFrom1005({ policy: 'skip', afterMs: MINUTE })).toEqual([
    '-3 10:20..10:40 missed',
    '10:50',
  ]);
  const planned = plannedAt(
    created('10:04', { whenMissed: { policy: 'skip', afterMs: MINUTE } }),
    '10:04',
    each10,
  );
  expect(limitOf(planned)).toBe(MINUTE);
});

test('with fire-once, the newest runs now, and the job of the first may not: a newer one has come', () => {
  expect(downFrom1005({ policy: 'fire-once' })).toEqual([
    '-2 10:20..10:30 missed',
    '10:40>10:42',
    '10:50',
  ]);
  expect(limitOf(plannedAt(created('10:04'), '10:04', each10))).toBe(10 * MINUTE);
});

test('with fire-all, the newest ones run now, in their order', () => {
  const story = plannedAt(
    created('10:04', { whenMissed: { policy: 'fire-all', limit: 3 } }),
    '10:04',
    each10,
  );
  expect(limitOf(story)).toBe(30 * MINUTE); // at 10:42 three newer ones have come
  const after = plannedAt(story, '10:42', each10);
  expect(told(after.events).slice(1)).toEqual([
    '10:20>10:42',
    '10:30>10:42',
    '10:40>10:42',
    '10:50',
  ]);
  // due one after the other; the first has come with the event after it
  const dues = known(after).ahead.map(({ dueAt }) => dueAt - at('10:42'));
  expect(dues).toEqual([1, 2, 8 * MINUTE]);
});

test('a rule of once a year that was down over New Year runs once', () => {
  const yearly = every(365 * 24 * HOUR, at('2027-01-01T00:00'));
  const story = plannedAt(created('10:00'), '10:00', yearly);
  const after = plannedAt(story, '2027-01-03T09:00', yearly);
  // its job waits since New Year and may start until the next one
  expect(told(after.events)).toEqual(['2027-01-01T00:00', '2028-01-01T00:00']);
  expect(limitOf(after)).toBe(365 * 24 * HOUR);
});

test('a rule of each second that was down for a day runs the newest hundred, and the rest is one event', () => {
  const story = plannedAt(
    created('10:00', { whenMissed: { policy: 'fire-all', limit: 100 } }),
    '10:00',
    every(SECOND),
  );
  const planned = told(story.events).length;
  expect(planned).toBe(120); // two minutes ahead
  const { events } = plannedAt(story, '2026-12-08T10:00', every(SECOND));
  const later = events.slice(story.events.length);
  expect(told(later.slice(0, 1))).toEqual([
    `-${86_400 - 120 - 100} 10:02..2026-12-08T09:58 missed`,
  ]);
  expect(later.filter(({ type }) => type === 'OccurrencesSkipped')).toHaveLength(1);
  expect(later.filter(({ type }) => type === 'OccurrencePlanned')).toHaveLength(100 + 120);
});

test('what is late by less than a minute is on its way, not missed', () => {
  const story = plannedAt(created('10:04'), '10:04', each10);
  const late = plannedAt(story, '10:20:59', each10);
  expect(told(late.events)).toEqual(['10:10', '10:20>10:20', '10:30']);
});

test('runs are spread by the same offset each time, and none is missed before its spread time has come', () => {
  const story = plannedAt(created('10:04', { spreadMs: MINUTE }, 45 * SECOND), '10:04', each10);
  expect(known(story).ahead).toMatchObject([{ dueAt: at('10:10:45') }]);
  const after = plannedAt(story, '10:31:30', each10);
  expect(told(after.events)).toEqual([
    '10:10>10:10',
    '-1 10:20..10:20 missed',
    '10:30>10:31',
    '10:40>10:40',
  ]);
  expect(known(after).ahead).toMatchObject([{ dueAt: at('10:40:45') }]);
});

test('a rule that has come to its end completes the schedule, so that nobody asks again', () => {
  const twice = every(10 * MINUTE, 0, at('10:20'));
  const story = plannedAt(plannedAt(created('10:04'), '10:04', twice), '10:19:30', twice);
  expect(told(story.events)).toEqual(['10:10', '10:20', 'ScheduleCompleted']);
  expect(told(plannedAt(story, '10:30', twice).events)).toHaveLength(3);
});

test('jobs are named by the event that plans them, so that an instant can be planned again', () => {
  const story = plannedAt(created('10:04'), '10:04', every(MINUTE));
  const ids = known(story).ahead.map(({ jobId }) => jobId);
  expect(ids).toEqual(['10:05#1', '10:06#2']);
});

test('what was cancelled or moved ahead of its time is not planned at its usual one', () => {
  let story = plannedAt(created('09:55'), '09:55', each10);
  const one = { calendar: each10, jobIds, at: at('09:56') };
  story = then(story, { type: 'CancelOccurrence', occurrenceAt: at('10:10'), ...one });
  story = then(story, {
    ...one,
    type: 'MoveOccurrence',
    occurrenceAt: at('10:20'),
    dueAt: at('10:15'),
  });
  for (const when of ['09:59:30', '10:16', '10:25', '10:29:30'])
    story = plannedAt(story, when, each10);
  expect(told(story.events)).toEqual(['10:00', '10:20->10:15', '10:30', '10:40']);
});

test('of a pause, a stop and an end nothing is planned', () => {
  const paused = then(created('10:00'), { type: 'PauseSchedule', at: at('10:01') });
  const stopped = then(created('10:00'), {
    type: 'StopSchedule',
    at: at('10:01'),
    problem: 'the zone is not known',
  });
  for (const story of [paused, stopped])
    expect(plannedAt(story, '11:00', each10).events).toEqual(story.events);
});

test('a schedule that is not there cannot be planned', () => {
  expect(() => plannedAt({ state: { status: 'none' }, events: [] }, '10:00', each10)).toThrow(
    'schedule-not-found',
  );
});
