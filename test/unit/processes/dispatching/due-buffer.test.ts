import { dueBuffer, type DueBuffer } from '../../../../processes/dispatching/due-buffer';
import { noHolds } from '../../../../processes/dispatching/shares/holds';
import { dueRow, nthJobId } from '../../../support/due-rows';

let buffer: DueBuffer;
beforeEach(() => {
  buffer = dueBuffer({ maxRows: 3, maxChars: 100_000 }, noHolds);
});

const takeAll = (now: number): readonly string[] => {
  const taken: string[] = [];
  for (let job = buffer.take(now); job; job = buffer.take(now)) {
    taken.push(job.jobId);
    buffer.settle(job);
  }
  return taken;
};
/** A sweep that finds these rows in the table. */
const sweep = (...rows: readonly ReturnType<typeof dueRow>[]): void => {
  buffer.beginSweep();
  for (const row of rows) buffer.offer(row);
  buffer.endSweep();
};

test('nothing is taken before it is due', () => {
  buffer.offer(dueRow(1));
  expect(takeAll(999)).toEqual([]);
  expect(takeAll(1_000)).toEqual([nthJobId(1)]);
});

test('a row that the projection still shows after its dispatch is not taken again', () => {
  buffer.offer(dueRow(1));
  takeAll(1_000);
  buffer.offer(dueRow(1));
  sweep(dueRow(1));
  sweep(dueRow(1));
  expect(takeAll(2_000)).toEqual([]);
});

test('a retry or a reschedule of a job that was taken is a new row: its revision is higher', () => {
  buffer.offer(dueRow(1));
  takeAll(1_000);
  buffer.offer(dueRow(1, { revision: 3n, dueAt: 1_500 }));
  expect(takeAll(1_499)).toEqual([]);
  expect(takeAll(1_500)).toEqual([nthJobId(1)]);
});

test('a row that was rescheduled while it waited is dropped in favour of the newer one', () => {
  buffer.offer(dueRow(1));
  buffer.offer(dueRow(1, { revision: 1n, dueAt: 9_000 }));
  expect(takeAll(5_000)).toEqual([]);
  expect(buffer.nextDueAt()).toBe(9_000);
});

test('an older row that arrives late changes nothing', () => {
  buffer.offer(dueRow(1, { revision: 4n, dueAt: 9_000 }));
  buffer.offer(dueRow(1, { revision: 2n }));
  expect(takeAll(5_000)).toEqual([]);
});

test('what has been dealt with is forgotten once a sweep no longer finds it, so memory stays bounded', () => {
  buffer.offer(dueRow(1));
  takeAll(1_000);
  expect(buffer.remembered()).toBe(1);
  sweep();
  expect(buffer.remembered()).toBe(0);
});

test('what was dealt with during a sweep is kept until the next, for the sweep may have passed its row', () => {
  buffer.offer(dueRow(1));
  buffer.beginSweep();
  takeAll(1_000);
  buffer.endSweep();
  expect(buffer.remembered()).toBe(1);
});

test('what waits or is under way is never forgotten by a sweep', () => {
  buffer.offer(dueRow(1));
  buffer.offer(dueRow(2));
  buffer.take(1_000);
  sweep();
  sweep();
  expect(buffer.remembered()).toBe(2);
});

test('a row that could not be dealt with may be offered again', () => {
  buffer.offer(dueRow(1));
  const job = buffer.take(1_000);
  if (job) buffer.release(job);
  buffer.offer(dueRow(1));
  expect(takeAll(1_000)).toEqual([nthJobId(1)]);
});

test('a row that came too early goes back and waits', () => {
  buffer.offer(dueRow(1));
  const job = buffer.take(1_000);
  if (job) buffer.putBack(job);
  expect(takeAll(1_000)).toEqual([nthJobId(1)]);
});

test('rows of a lost shard go, and a shard that is won back brings each row once', () => {
  buffer.offer(dueRow(1));
  buffer.keepShards((shard) => shard !== 1);
  expect(takeAll(1_000)).toEqual([]);
  buffer.offer(dueRow(1));
  expect(takeAll(1_000)).toEqual([nthJobId(1)]);
});

test('it is full by rows and by the size of what they carry', () => {
  for (const n of [1, 2]) buffer.offer(dueRow(n));
  expect(buffer.isFull()).toBe(false);
  buffer.offer(dueRow(3));
  expect(buffer.isFull()).toBe(true);
  takeAll(1_000);
  expect(buffer.isFull()).toBe(false);
  buffer.offer(dueRow(4, { payload: 'x'.repeat(100_000) }));
  expect(buffer.isFull()).toBe(true);
});
