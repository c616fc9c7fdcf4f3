import { takenBackBy } from '../../../../commands/schedules/jobs-now';
import type { ScheduleEvent } from '../../../../domain/schedule/events';
import { at, created, definition, known } from '../../../support/schedules';

const ID = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f60aa';
const planned = (occurrenceAt: string, dueAt: string) => ({
  ...{ jobId: `job of ${occurrenceAt}`, occurrenceAt: at(occurrenceAt), dueAt: at(dueAt) },
});
/** Three runs that have not started by 10:15, of which one is due already, in the order in which they were planned. */
const schedule = {
  ...known(created('09:00')),
  ahead: [planned('10:30', '10:30'), planned('10:10', '10:10'), planned('10:20', '10:15')],
};

const changed = (withdraws: 'ahead' | 'unstarted'): ScheduleEvent => ({
  type: 'ScheduleChanged',
  data: { ...definition, offsetMs: 0, withdraws },
});
const resumed: ScheduleEvent = { type: 'ScheduleResumed', data: {} };
const all = ['10:10', '10:20', '10:30'];

type Row = readonly [
  why: string,
  events: readonly ScheduleEvent[],
  occurrences: readonly string[] | undefined,
  because: string,
];

test.each<Row>([
  ['a pause takes back all, soonest first', [{ type: 'SchedulePaused', data: {} }], all, 'paused'],
  ['a deletion takes back all', [{ type: 'ScheduleDeleted', data: {} }], all, 'deleted'],
  ['another rule takes back all', [changed('unstarted')], all, 'changed'],
  [
    'another name takes back what is not due yet: what is due runs as it was',
    [changed('ahead')],
    ['10:30'],
    'changed',
  ],
  [
    'what else comes with it makes no difference',
    [resumed, changed('ahead')],
    ['10:30'],
    'changed',
  ],
  ['a resume takes nothing back', [resumed], undefined, ''],
  ['nothing takes nothing back', [], undefined, ''],
])('%s', (_why, events, occurrences, because) => {
  const taken = takenBackBy(ID, schedule, events, at('10:15'));
  const jobs = occurrences?.map((one) => ({
    ...{ scheduleId: ID, definition, jobId: `job of ${one}`, occurrenceAt: at(one) },
    dueAt: at(one === '10:20' ? '10:15' : one),
  }));
  expect(taken).toEqual(jobs && { jobs, because: `its schedule was ${because}` });
});
