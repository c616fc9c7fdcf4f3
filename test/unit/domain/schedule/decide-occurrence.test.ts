import {
  at,
  created,
  every,
  HOUR,
  jobIds,
  known,
  plannedAt,
  then,
  told,
  type Story,
} from '../../../support/schedules';

const hourly = every(HOUR);
const of = { calendar: hourly, jobIds };

const moved = (story: Story, occurrence: string, to: string, when = '09:11'): Story =>
  then(story, {
    ...of,
    type: 'MoveOccurrence',
    at: at(when),
    occurrenceAt: at(occurrence),
    dueAt: at(to),
  });
const cancelled = (story: Story, occurrence: string, when = '09:11'): Story =>
  then(story, { ...of, type: 'CancelOccurrence', at: at(when), occurrenceAt: at(occurrence) });
const backfilled = (story: Story, from: string, to: string): Story =>
  then(story, {
    ...of,
    type: 'BackfillSchedule',
    at: at('09:30'),
    from: at(from),
    to: at(to),
  });

const planned = plannedAt(created('09:10'), '09:10', hourly);

test('a planned occurrence is moved with its job, one to come gets a job of its own now', () => {
  expect(moved(planned, '10:00', '10:30').events.at(-1)).toMatchObject({
    data: { jobId: '10:00#1', dueAt: '2026-12-07T10:30:00.000Z' },
  });
  expect(moved(planned, '14:00', '12:30').events.at(-1)).toMatchObject({
    data: { jobId: '14:00#2' },
  });
});

test('to move an occurrence to where it is, or to cancel it twice, says nothing new', () => {
  const once = moved(planned, '10:00', '10:30');
  expect(moved(once, '10:00', '10:30').events).toEqual(once.events);
  const gone = cancelled(planned, '14:00');
  expect(cancelled(gone, '14:00').events).toEqual(gone.events);
});

test('an occurrence that the rule does not have, or that has come, can be neither moved nor cancelled', () => {
  for (const change of [cancelled, (story: Story, which: string) => moved(story, which, '18:00')]) {
    expect(() => change(planned, '10:07')).toThrow('occurrence-unknown');
    expect(() => change(planned, '09:00')).toThrow('occurrence-passed');
  }
  expect(() => moved(cancelled(planned, '14:00'), '14:00', '15:00')).toThrow(
    'occurrence-cancelled',
  );
  expect(() => cancelled(planned, '10:00', '10:00')).toThrow('occurrence-passed');
});

test('an occurrence is moved to the time that a job could be scheduled for', () => {
  expect(() => moved(planned, '10:00', '09:00')).toThrow('due-in-past');
  expect(() => moved(planned, '10:00', '2028-01-01T00:00')).toThrow('due-too-far');
});

test('a cancelled occurrence that had a job names it, so that the job can be withdrawn', () => {
  const story = cancelled(planned, '10:00');
  expect(story.events.at(-1)).toMatchObject({ data: { jobId: '10:00#1' } });
  expect(known(story).ahead).toEqual([]);
});

test('while it is paused, occurrences can be cancelled, not moved', () => {
  const paused = then(planned, { type: 'PauseSchedule', at: at('09:10:30') });
  expect(() => moved(paused, '10:00', '10:30')).toThrow('schedule-paused');
  const story = cancelled(paused, '11:00');
  expect(known(story).exceptions).toEqual([{ occurrenceAt: at('11:00') }]);
});

test('there is an end to what may be changed ahead of its time', () => {
  let story = planned;
  for (let hours = 2; hours < 202; hours += 1)
    story = cancelled(story, new Date(at('09:00') + hours * HOUR).toISOString().slice(0, 16));
  expect(() => cancelled(story, '2027-01-01T00:00')).toThrow('too-many-changes');
});

test('a trigger makes a run of now, whatever the rule says and also in a pause', () => {
  const paused = then(planned, { type: 'PauseSchedule', at: at('09:20') });
  const { events, state } = then(paused, { type: 'TriggerSchedule', at: at('09:25'), jobIds });
  expect(events.at(-1)).toEqual({
    type: 'ScheduleTriggered',
    data: { dueAt: '2026-12-07T09:25:00.000Z', jobId: '09:25#3' },
  });
  expect(state).toMatchObject({ status: 'paused', revision: 3n });
});

test('a backfill names each occurrence of its span, both ends included', () => {
  const { events } = backfilled(planned, '06:00', '08:00');
  expect(events.at(-1)).toMatchObject({
    data: {
      occurrences: [{ jobId: '06:00#2' }, { jobId: '07:00#2' }, { jobId: '08:00#2' }],
    },
  });
});

test('a backfill is of the past, of something, and of no more than an event can hold', () => {
  expect(() => backfilled(planned, '06:00', '12:00')).toThrow('backfill-in-future');
  expect(() => backfilled(planned, '06:10', '06:20')).toThrow('nothing-to-backfill');
  expect(() => backfilled(planned, '2026-11-01T00:00', '08:00')).toThrow('backfill-too-large');
});

describe('an occurrence that was decided by itself stays so', () => {
  const pausedFor = (story: Story, from: string, to: string): Story =>
    then(then(story, { type: 'PauseSchedule', at: at(from) }), {
      ...{ type: 'ResumeSchedule', at: at(to), calendar: hourly },
    });

  test('one that was moved forward and has had its run does not run once more after a pause', () => {
    const early = moved(planned, '11:00', '09:20');
    const story = plannedAt(pausedFor(early, '09:30', '09:40'), '10:59', hourly);
    expect(told(story.events).slice(-2)).toEqual(['10:00>10:59', '12:00']);
  });

  test('one that was cancelled when it had its job already does not come back after a pause', () => {
    const without = cancelled(planned, '10:00');
    const story = plannedAt(pausedFor(without, '09:30', '09:40'), '09:41', hourly);
    expect(told(story.events).at(-1)).toBe('11:00');
  });

  test('nor when the planner has been there meanwhile', () => {
    const without = plannedAt(cancelled(planned, '10:00'), '09:20', hourly);
    const story = plannedAt(pausedFor(without, '09:30', '09:40'), '09:41', hourly);
    expect(told(story.events).at(-1)).toBe('11:00');
  });
});
