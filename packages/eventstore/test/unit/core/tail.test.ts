import type { RecordedEvent } from '../../../core/events';
import { memoryTail } from '../../../core/tail';

const empty = Buffer.alloc(0);
const event = (sequence: number): RecordedEvent => ({
  sequence,
  stream: 's',
  revision: sequence - 1,
  id: empty,
  type: 't',
  isJson: true,
  createdMs: 0,
  data: Buffer.alloc(499), // with its name and overhead, 1,000 bytes of memory
  metadata: empty,
});
const run = (from: number, to: number): RecordedEvent[] =>
  Array.from({ length: to - from + 1 }, (_, i) => event(from + i));
const sequences = (events: readonly RecordedEvent[] | undefined) => events?.map((e) => e.sequence);

test('the oldest events go when memory is full; asking for them says so instead of skipping', () => {
  const tail = memoryTail(5_000);
  tail.append(run(1, 8));
  expect(tail.lastSequence()).toBe(8);
  expect(tail.read(3, 10)).toBeUndefined();
  expect(sequences(tail.read(4, 10))).toEqual([4, 5, 6, 7, 8]);
  expect(sequences(tail.read(5, 2))).toEqual([5, 6]);
  expect(sequences(tail.read(9, 10))).toEqual([]);
});

test('memory stays bounded and in order over many appends', () => {
  const tail = memoryTail(5_000);
  for (let i = 0; i < 4_000; i += 1) tail.append(run(2 * i + 1, 2 * i + 2));
  expect(sequences(tail.read(7_996, 10))).toEqual([7_996, 7_997, 7_998, 7_999, 8_000]);
  expect(tail.read(7_995, 10)).toBeUndefined();
});

test('after a reset only what comes later is in memory', () => {
  const tail = memoryTail(5_000);
  tail.append(run(1, 2));
  tail.reset(10);
  expect(tail.read(2, 10)).toBeUndefined();
  expect(sequences(tail.read(11, 10))).toEqual([]);
  tail.append(run(11, 12));
  expect(sequences(tail.read(11, 10))).toEqual([11, 12]);
});

test('who listens is told of each change until it stops listening', () => {
  const tail = memoryTail(5_000);
  let calls = 0;
  const stop = tail.listen(() => (calls += 1));
  tail.append(run(1, 1));
  tail.reset(5);
  stop();
  tail.append(run(6, 6));
  expect(calls).toBe(2);
});
