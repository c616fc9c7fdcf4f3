import { jobChanges } from '../../../../projections/jobs/batch';
import {
  dueJobStatements,
  dueNotice,
  duePartitions,
  noticeOfAllDue,
} from '../../../../projections/jobs/due-jobs';
import type { JobChange } from '../../../../projections/jobs/job-change';
import type { WriteSession } from '../../../../projections/writing/write-session';
import type { JobEvent } from '../../../../domain/job/events';
import { recorded, testJobId } from '../../../support/job-histories';
import { cancelled, dispatched, rescheduled, scheduled, started, t } from '../../../support/jobs';

const MONTH_S = 31 * 86_400;

/** Jobs by number, with the position and the event of each. */
const changesOf = (
  ...events: readonly (readonly [job: number, position: bigint, event: JobEvent])[]
): readonly JobChange[] =>
  jobChanges(events.map(([job, position, event]) => recorded(testJobId(job), 3n, position, event)));

const namesOf = (changes: readonly JobChange[]) =>
  dueJobStatements(changes).map(({ name }) => name);

test('a job that waits gets a row, in its shard, for the dispatcher that has it', () => {
  const statements = dueJobStatements(changesOf([0x1ff, 5n, scheduled()], [2, 6n, started()]));
  expect(statements.map(({ name, values }) => [name, values])).toEqual([
    ['due_jobs_insert', [`{${testJobId(0x1ff)}}`, '{255}']],
  ]);
});

test('a job that waits no more loses its row, by the revision that took it away', () => {
  const statements = dueJobStatements(changesOf([1, 5n, cancelled]));
  expect(statements.map(({ name, values }) => [name, values])).toEqual([
    ['due_jobs_2026_11_delete', [`{${testJobId(1)}}`, '{2026-11-23T12:00:50.000Z}', '{3}']],
  ]);
});

test('a job that runs has no row to lose or to get', () => {
  expect(namesOf(changesOf([1, 5n, started()]))).toEqual([]);
});

test('a row that is moved goes from one month to another, the old one first, or it would stay', () => {
  const moved = changesOf([1, 5n, rescheduled(t(50 + MONTH_S))]);
  expect(namesOf(moved)).toEqual(['due_jobs_2026_11_delete', 'due_jobs_insert']);
  expect(duePartitions(moved)).toEqual(['due_jobs_2026_12', 'due_jobs_2026_11']);
});

test('a partition is asked for once, and for what runs none is', () => {
  const changes = changesOf([1, 5n, scheduled()], [2, 6n, dispatched()], [3, 7n, started()]);
  expect(duePartitions(changes)).toEqual(['due_jobs_2026_11']);
  expect(duePartitions(changesOf([3, 7n, started()]))).toEqual([]);
});

test('dispatchers are told the lowest position and the earliest due time of what waits, of whichever jobs these are', () => {
  const changes = changesOf(
    [1, 2n, started()],
    [2, 9n, scheduled({}, t(30))],
    [3, 5n, scheduled({}, t(50))],
    [4, 7n, scheduled({}, t(40))],
  );
  expect(dueNotice(changes)).toEqual({ duePosition: 5n, dueAt: t(30) });
  expect(dueNotice(changes.toReversed())).toEqual({ duePosition: 5n, dueAt: t(30) });
  expect(dueNotice(changes.slice(0, 1))).toEqual({});
});

test('a job that waits and has no due time is no job that can be dispatched: it stops the batch', () => {
  const [change] = changesOf([1, 5n, scheduled()]);
  if (!change) throw new Error('one change');
  const lost = { ...change, columns: { ...change.columns, dueAt: undefined } };
  expect(() => dueNotice([lost])).toThrow('no due time');
});

/** Answers every statement with these rows. */
const answering = (rows: readonly Readonly<Record<string, unknown>>[]): WriteSession => ({
  send: (statements) => Promise.resolve(statements.map(() => ({ rows, rowCount: rows.length }))),
  close: () => Promise.resolve(),
});

test('a dispatcher that knows no rows begins at the first, at the earliest due time of all; with none it has nothing to do', async () => {
  expect(await noticeOfAllDue(answering([{ earliest: new Date(t(50)) }]))).toEqual({
    ...{ duePosition: 0n, dueAt: t(50) },
  });
  expect(await noticeOfAllDue(answering([{ earliest: null }]))).toEqual({});
  expect(await noticeOfAllDue(answering([]))).toEqual({});
});
