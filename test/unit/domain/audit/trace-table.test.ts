import { isBalanced, openAccounts, sumOf } from '../../../../domain/audit/accounts';
import { jobLayout } from '../../../../domain/audit/job-layout';
import { emptyTrace, traceStatuses, type JobTrace } from '../../../../domain/audit/job-trace';
import { traceTable } from '../../../../domain/audit/trace-table';
import { jobEventTypes } from '../../../../domain/job/events';
import { t } from '../../../support/jobs';

/** A trace of which each field has a value of its own. */
const fullTrace = (n: number): JobTrace => ({
  ...{ status: 'queued', revision: n, position: n + 1, lastType: jobEventTypes[3] ?? '' },
  ...{ dueAt: n + 2, attempt: n + 3, maxAttempts: n + 4, startedAttempt: n + 5, delivery: n + 6 },
  ...{ isAbortRequested: false, isHeadless: false, scheduledAt: n + 7, dispatchedAt: n + 8 },
  ...{ sentAt: n + 9, startedAt: n + 10, finishedAt: n + 11, timeoutMs: n + 12 },
  ...{ maxLatenessMs: n + 13, account: n + 14, definition: n + 15, executor: n + 16 },
  ...{ result: n + 17, error: n + 18, origin: n + 19 },
});

describe('traces in arrays of numbers', () => {
  test('come back as they were put in, field by field', () => {
    const table = traceTable(jobLayout);
    const rows = [table.add('a'), table.add('b')];
    const traces = [fullTrace(100), fullTrace(200)];
    rows.forEach((row, n) => table.save(row, traces[n] ?? emptyTrace()));
    for (const [n, row] of rows.entries()) {
      const read = emptyTrace();
      table.load(row, read);
      expect(read).toStrictEqual(traces[n]);
    }
  });

  test('keep a status and two answers in one number, each as it is', () => {
    const table = traceTable(jobLayout);
    const row = table.add('a');
    for (const status of traceStatuses)
      for (const [isAbortRequested, isHeadless] of [
        ...[[false, false] as const, [true, false] as const],
        ...[[false, true] as const, [true, true] as const],
      ]) {
        const trace = { ...emptyTrace(), status, isAbortRequested, isHeadless };
        table.save(row, trace);
        const read = fullTrace(1);
        table.load(row, read);
        expect(read).toStrictEqual(trace);
      }
  });

  test('are found by their streams, over more than one page of them', () => {
    const table = traceTable(jobLayout);
    const streams = Array.from({ length: 16_385 }, (_, n) => `job-${n}`);
    expect(streams.map(table.add).at(-1)).toBe(16_384);
    expect(table.size()).toBe(16_385);
    const read = emptyTrace();
    for (const n of [0, 16_383, 16_384]) {
      table.save(n, fullTrace(n));
      table.load(table.rowOf(`job-${n}`) ?? -1, read);
      expect(read.revision).toBe(n);
    }
    expect(new Map(table.streams()).size).toBe(16_385);
    expect(table.rowOf('job-none')).toBeUndefined();
    expect(() => table.load(16_384 * 2, read)).toThrow(RangeError);
  });
});

describe('the books', () => {
  test('have an account for each day and owner, and what became of its jobs', () => {
    const books = openAccounts();
    const ada = books.open(t(0), 'ada');
    expect(books.open(t(3_600), 'ada')).toBe(ada);
    const bob = books.open(t(0), 'bob');
    const next = books.open(t(86_400), 'ada');
    expect([ada, bob, next]).toEqual([0, 1, 2]);
    books.settle(ada, 'attempt-ended');
    books.settle(ada, 'failed');
    books.settle(next, 'scheduled');
    const none = { succeeded: 0, failed: 0, cancelled: 0, expired: 0, aborted: 0 };
    const nobody = { waiting: 0, queued: 0, running: 0 };
    expect(books.all()).toEqual([
      {
        ...{ ...none, ...nobody, day: '2026-11-23', ownerId: 'ada', scheduled: 2 },
        ...{ failed: 1, running: 1, pending: 1 },
      },
      { ...none, ...nobody, day: '2026-11-23', ownerId: 'bob', scheduled: 1, pending: 0 },
      {
        ...none,
        ...nobody,
        day: '2026-11-24',
        ownerId: 'ada',
        scheduled: 1,
        waiting: 1,
        pending: 1,
      },
    ]);
    expect(books.all().map(isBalanced)).toEqual([true, false, true]);
  });

  test('begin a day with who has most jobs, and days in their order', () => {
    const books = openAccounts();
    books.open(t(86_400), 'cyd');
    books.open(t(0), 'ada');
    for (let n = 0; n < 2; n += 1) books.open(t(0), 'bob');
    expect(books.all().map(({ ownerId }) => ownerId)).toEqual(['bob', 'ada', 'cyd']);
  });

  test('add up', () => {
    const books = openAccounts();
    for (const owner of ['ada', 'bob']) {
      const account = books.open(t(0), owner);
      books.settle(account, 'queued');
    }
    expect(sumOf('2026-11-23', 'all', books.all())).toMatchObject({
      ...{ day: '2026-11-23', ownerId: 'all', scheduled: 2, queued: 2, pending: 2, failed: 0 },
    });
  });
});
