import { followAll } from '../../../core/follow';
import { readAll } from '../../../core/read';
import { memoryTail } from '../../../core/tail';
import { logInMemory } from './log-in-memory';

const EVENTS = 2_000;

const filled = () => {
  const log = logInMemory();
  for (let n = 0; n < EVENTS; n += 1) log.record(`s-${n}`);
  return log;
};

/** Longer than a read of the log in memory takes. */
const settle = async (): Promise<void> => {
  for (let n = 0; n < 5; n += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('one page is read ahead while its reader is busy with the last, and no more, for memory is bounded', async () => {
  const { reader, read } = filled();
  const pages = readAll(reader, 1, 'forwards', Infinity)[Symbol.asyncIterator]();
  await pages.next();
  await settle();
  expect(read.ofAll).toBe(2);
});

test('a read of no more than one page reads nothing ahead', async () => {
  const { reader, read } = filled();
  const pages = readAll(reader, 1, 'forwards', 5)[Symbol.asyncIterator]();
  await pages.next();
  await settle();
  expect(read.ofAll).toBe(1);
});

test('a subscription that catches up reads one page ahead, and sees each event once', async () => {
  const { reader, read } = filled();
  const tail = memoryTail(0);
  tail.reset(EVENTS);
  const stopping = new AbortController();
  const seen: number[] = [];
  for await (const { events, caughtUp } of followAll({ reader, tail }, 0, stopping.signal)) {
    if (seen.length === 0) {
      await settle();
      expect(read.ofAll).toBe(2);
    }
    seen.push(...events.map(({ sequence }) => sequence));
    if (caughtUp) stopping.abort();
  }
  expect(seen).toEqual(Array.from({ length: EVENTS }, (_, n) => n + 1));
});

test('a page that was read ahead and fails is no fault unless somebody comes for it', async () => {
  const { reader } = filled();
  const outage = new Error('storage is away');
  let reads = 0;
  const failing = {
    ...reader,
    readAll: (...asked: Parameters<typeof reader.readAll>) =>
      (reads += 1) === 1 ? reader.readAll(...asked) : Promise.reject(outage),
  };
  const left = readAll(failing, 1, 'forwards', Infinity)[Symbol.asyncIterator]();
  await left.next();
  await settle();
  await left.return?.();
  reads = 0;
  const pages = readAll(failing, 1, 'forwards', Infinity)[Symbol.asyncIterator]();
  await pages.next();
  await expect(pages.next()).rejects.toBe(outage);
});
