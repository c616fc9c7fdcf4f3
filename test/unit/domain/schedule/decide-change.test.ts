import type { Rule } from '../../../../domain/schedule/definition';
import {
  at,
  created,
  definition,
  every,
  HOUR,
  jobIds,
  known,
  MINUTE,
  plannedAt,
  then,
  told,
  type Story,
} from '../../../support/schedules';

const hourly = every(HOUR);
const dailyAt = (hour: number) => every(24 * HOUR, hour * HOUR);
const ruleAt = (hour: number): Rule => ({
  timing: { cron: `0 ${hour} * * *` },
  timeZone: 'Europe/Berlin',
});

const changed = (story: Story, when: string, more: object, offsetMs = 0): Story =>
  then(story, {
    type: 'ChangeSchedule',
    at: at(when),
    definition: { ...known(story).definition, ...more },
    offsetMs,
  });

test('a pause from 09:30 to 15:30 skips six hourly runs, and nothing runs at once', () => {
  let story = plannedAt(created('09:10'), '09:10', hourly);
  story = then(story, { type: 'PauseSchedule', at: at('09:30'), note: 'books are closed' });
  expect(known(story)).toMatchObject({ status: 'paused', note: 'books are closed', ahead: [] });
  story = then(story, { type: 'ResumeSchedule', at: at('15:30'), calendar: hourly });
  story = plannedAt(story, '15:30', hourly);
  expect(told(story.events)).toEqual([
    '10:00',
    'SchedulePaused',
    '-6 10:00..15:00 paused',
    'ScheduleResumed',
    '16:00',
  ]);
  expect(known(story)).not.toHaveProperty('note');
});

test('a pause that ends before the next run skips nothing: the run is planned again, as another job', () => {
  let story = plannedAt(created('09:10'), '09:10', hourly);
  story = then(story, { type: 'PauseSchedule', at: at('09:30') });
  story = then(story, { type: 'ResumeSchedule', at: at('09:40'), calendar: hourly });
  story = plannedAt(story, '09:40', hourly);
  expect(told(story.events)).toEqual(['10:00', 'SchedulePaused', 'ScheduleResumed', '10:00']);
  expect(known(story).ahead).toMatchObject([{ jobId: '10:00#4' }]);
});

test('a run that was moved into a pause does not come back at its usual time', () => {
  let story = plannedAt(created('09:10'), '09:10', hourly);
  story = then(story, {
    type: 'MoveOccurrence',
    at: at('09:11'),
    occurrenceAt: at('10:00'),
    dueAt: at('09:45'),
    calendar: hourly,
    jobIds,
  });
  story = then(story, { type: 'PauseSchedule', at: at('09:30') });
  story = then(story, { type: 'ResumeSchedule', at: at('09:50'), calendar: hourly });
  story = plannedAt(story, '09:50', hourly);
  expect(told(story.events).slice(-1)).toEqual(['11:00']);
});

test('a rule changed from 23 to 5 at noon withdraws the run of 23:00, and nothing runs at noon', () => {
  let story = plannedAt(created('08:00', { rule: ruleAt(23) }), '08:00', dailyAt(23));
  story = changed(story, '12:00', { rule: ruleAt(5) });
  expect(known(story).ahead).toEqual([]);
  expect(story.events.at(-1)).toMatchObject({ data: { withdraws: 'unstarted' } });
  story = plannedAt(story, '12:00', dailyAt(5));
  expect(told(story.events)).toEqual(['23:00', 'ScheduleChanged', '2026-12-08T05:00']);
});

test('a rule that is changed back plans the instant again, although its first job was withdrawn', () => {
  let story = plannedAt(created('08:00', { rule: ruleAt(23) }), '08:00', dailyAt(23));
  story = changed(story, '12:00', { rule: ruleAt(5) });
  story = changed(story, '12:01', { rule: ruleAt(23) });
  story = plannedAt(story, '12:01', dailyAt(23));
  expect(known(story).ahead).toMatchObject([{ occurrenceAt: at('23:00'), jobId: '23:00#4' }]);
});

test('what is saved as it was writes nothing, so that a run inside its spread time still comes', () => {
  const spread = { spreadMs: MINUTE };
  const story = plannedAt(created('09:10', spread, 45_000), '09:10', hourly);
  const same = changed(story, '10:00:20', { rule: { ...definition.rule } }, 45_000);
  expect(same.events).toEqual(story.events);
  expect(known(same).ahead).toMatchObject([{ dueAt: at('10:00:45') }]);
});

test('another payload inside the spread time plans the run again, at the same time', () => {
  let story = plannedAt(created('09:10', { spreadMs: MINUTE }, 45_000), '09:10', hourly);
  story = changed(story, '10:00:20', { job: { ...definition.job, payload: 2 } }, 45_000);
  expect(story.events.at(-1)).toMatchObject({ data: { withdraws: 'ahead' } });
  story = plannedAt(story, '10:00:20', hourly);
  expect(known(story).ahead[0]).toMatchObject({
    occurrenceAt: at('10:00'),
    dueAt: at('10:00:45'),
    jobId: '10:00#3',
  });
});

test.each([
  ['another name', (story: Story) => changed(story, '10:02', { name: 'b' }, 10 * MINUTE)],
  [
    'a pause',
    (story: Story) =>
      then(then(story, { type: 'PauseSchedule', at: at('10:02') }), {
        type: 'ResumeSchedule',
        at: at('10:03'),
        calendar: hourly,
      }),
  ],
])(
  'a run that came before its spread time grew does not come again by the new one after %s: nothing is paid twice',
  (_what, next) => {
    let story = plannedAt(created('09:10'), '09:10', hourly);
    story = changed(story, '10:01', { spreadMs: 15 * MINUTE }, 10 * MINUTE);
    story = plannedAt(story, '10:01', hourly);
    story = plannedAt(plannedAt(next(story), '10:04', hourly), '10:12', hourly);
    expect(told(story.events).filter((one) => one.startsWith('10:00'))).toEqual(['10:00']);
    expect(known(story).ahead).toMatchObject([{ occurrenceAt: at('11:00'), dueAt: at('11:10') }]);
  },
);

test('a run that was moved stays moved when only its payload changes', () => {
  let story = plannedAt(created('09:10'), '09:10', hourly);
  const one = { calendar: hourly, jobIds, at: at('09:11') };
  story = then(story, {
    ...one,
    type: 'MoveOccurrence',
    occurrenceAt: at('10:00'),
    dueAt: at('10:20'),
  });
  story = changed(story, '09:12', { job: { ...definition.job, payload: 2 } });
  story = plannedAt(story, '09:12', hourly);
  expect(told(story.events).slice(2)).toEqual(['ScheduleChanged', '10:00->10:20', '11:00']);
  expect(known(story).ahead).toMatchObject([{ jobId: '10:00#4' }, { jobId: '11:00#5' }]);
});

test('what nobody had planned when the rule changed is skipped by name, so that the sum stays right', () => {
  const story = plannedAt(created('09:10'), '09:10', hourly);
  const after = then(story, {
    type: 'ChangeSchedule',
    at: at('12:30'),
    definition: { ...definition, rule: ruleAt(5) },
    offsetMs: 0,
    calendar: hourly,
  });
  expect(told(after.events)).toEqual(['10:00', '-2 11:00..12:00 changed', 'ScheduleChanged']);
});

test('a deleted schedule has nothing ahead and takes no command but another delete', () => {
  let story = plannedAt(created('09:10'), '09:10', hourly);
  story = then(story, { type: 'DeleteSchedule', at: at('09:20'), calendar: hourly });
  expect(known(story)).toMatchObject({ status: 'deleted', ahead: [] });
  expect(then(story, { type: 'DeleteSchedule', at: at('09:21') }).events).toEqual(story.events);
  expect(() => changed(story, '09:22', { name: 'other' })).toThrow('schedule-deleted');
  for (const type of ['PauseSchedule', 'TriggerSchedule'] as const)
    expect(() => then(story, { type, at: at('09:22'), jobIds })).toThrow('schedule-deleted');
});

test('a schedule that stopped goes on with a change, from then on', () => {
  let story = created('09:10');
  story = then(story, { type: 'StopSchedule', at: at('09:11'), problem: 'no such zone' });
  expect(known(story)).toMatchObject({ status: 'stopped', note: 'no such zone' });
  story = changed(story, '11:30', { rule: { ...definition.rule, timeZone: 'UTC' }, name: 'x' });
  story = plannedAt(story, '11:30', hourly);
  expect(told(story.events)).toEqual(['ScheduleStopped', 'ScheduleChanged', '12:00']);
});

test('pausing twice and resuming twice says it once', () => {
  let story = then(created('09:10'), { type: 'PauseSchedule', at: at('09:20') });
  story = then(story, { type: 'PauseSchedule', at: at('09:21') });
  story = then(story, { type: 'ResumeSchedule', at: at('09:22'), calendar: hourly });
  story = then(story, { type: 'ResumeSchedule', at: at('09:23'), calendar: hourly });
  expect(told(story.events)).toEqual(['SchedulePaused', 'ScheduleResumed']);
});

test('a schedule is created once', () => {
  expect(() =>
    then(created('09:10'), { type: 'CreateSchedule', at: at('09:11'), definition, offsetMs: 0 }),
  ).toThrow('schedule-exists');
});

test('a rule that is changed or deleted in a pause takes with it what came in the pause, as skipped', () => {
  const paused = then(created('09:10'), { type: 'PauseSchedule', at: at('09:30') });
  const rule = { ...definition.rule, timeZone: 'Europe/Berlin' };
  const changes = then(paused, {
    ...{ type: 'ChangeSchedule', at: at('11:30'), calendar: hourly, offsetMs: 0 },
    definition: { ...known(paused).definition, rule },
  });
  expect(told(changes.events).slice(1)).toEqual(['-2 10:00..11:00 paused', 'ScheduleChanged']);
  const removed = then(paused, { type: 'DeleteSchedule', at: at('11:30'), calendar: hourly });
  expect(told(removed.events).slice(1)).toEqual(['-2 10:00..11:00 paused', 'ScheduleDeleted']);
});
