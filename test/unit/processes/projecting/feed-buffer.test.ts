import { setImmediate as turn } from 'node:timers/promises';
import { Subject } from 'rxjs';
import {
  bufferDefaults,
  feedBuffer,
  type BufferSettings,
} from '../../../../processes/projecting/feed-buffer';
import { systemTimers, type Timers } from '../../../../processes/runtime/timers';
import type { FeedItem } from '../../../../projections/reading/feed';
import { recorded, testJobId } from '../../../support/job-histories';
import { scheduled } from '../../../support/jobs';
import { manualTimers } from '../../../support/manual-timers';

const item = (position: number): FeedItem => ({
  kind: 'event',
  event: recorded(testJobId(position), 0n, BigInt(position), scheduled()),
});

const opened = (settings: Partial<BufferSettings> = {}, timers: Timers = systemTimers) => {
  const items$ = new Subject<FeedItem>();
  const calls: string[] = [];
  const feed = {
    items$,
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
  };
  const buffer = feedBuffer(feed, timers, { ...bufferDefaults, ...settings });
  return { items$, calls, buffer };
};

const positions = async (batch: ReturnType<ReturnType<typeof feedBuffer>['next']>) =>
  (await batch)?.events.map(({ position }) => Number(position));

const LONG_MS = 60_000;

test('a batch waits for company only as long as its window', async () => {
  const { items$, buffer } = opened();
  const batch = buffer.next(LONG_MS);
  items$.next(item(1));
  items$.next(item(2));
  expect(await positions(batch)).toEqual([1, 2]);
});

test('the fuller the last batch, the longer the next one waits for company: a batch costs more than an event', async () => {
  const timers = manualTimers();
  const { items$, buffer } = opened({ windowMs: 10, maxWindowMs: 50, busyEvents: 4 }, timers);
  const batchOf = async (first: number, last: number, windowMs: number): Promise<void> => {
    const taken: unknown[] = [];
    for (let position = first; position <= last; position++) items$.next(item(position));
    const batch = buffer.next(LONG_MS).then((got) => taken.push(got));
    timers.advance(windowMs - 1);
    await turn();
    expect(taken).toEqual([]);
    timers.advance(1);
    await batch;
  };
  await batchOf(1, 2, 10);
  await batchOf(3, 10, 30);
  await batchOf(11, 11, 50);
  await batchOf(12, 12, 20);
});

test('a full batch goes at once and leaves the rest', async () => {
  const { items$, buffer } = opened({ maxBatch: 2, windowMs: LONG_MS });
  for (const position of [1, 2, 3]) items$.next(item(position));
  expect(await buffer.next(LONG_MS)).toMatchObject({ upTo: { position: 2n } });
  expect(buffer.size()).toBe(1);
  expect(buffer.oldest()?.position).toBe(3n);
});

test('the feed rests when too much waits, and goes on when enough is gone', async () => {
  const { items$, calls, buffer } = opened({ maxBatch: 2, pauseAt: 5, resumeAt: 2 });
  for (const position of [1, 2, 3, 4, 5, 6]) items$.next(item(position));
  expect(calls).toEqual(['pause']);
  await buffer.next(LONG_MS);
  expect(calls).toEqual(['pause']);
  await buffer.next(LONG_MS);
  expect(calls).toEqual(['pause', 'resume']);
});

const large = (position: number): FeedItem => ({
  kind: 'event',
  event: recorded(
    testJobId(position),
    0n,
    BigInt(position),
    scheduled({ payload: { text: 'x'.repeat(64 * 1024), list: Array(8).fill('y'.repeat(8_192)) } }),
  ),
});

test('large events count by their bytes: what waits and what a batch holds stays bounded however large they are', async () => {
  const { items$, calls, buffer } = opened();
  let sent = 0;
  while (calls.length === 0) items$.next(large(++sent));
  expect(sent).toBeLessThan(300); // of 128 KiB each, not twenty thousand
  const batches: (readonly number[] | undefined)[] = [];
  while (calls.length === 1) batches.push(await positions(buffer.next(LONG_MS)));
  for (const batch of batches) expect(batch?.length).toBeLessThan(40);
  expect(calls).toEqual(['pause', 'resume']);
  while (buffer.size() > 0) batches.push(await positions(buffer.next(LONG_MS)));
  expect(batches.flat()).toEqual(Array.from({ length: sent }, (_, n) => n + 1));
});

test('an event that is larger than a batch is a batch by itself', async () => {
  const { items$, buffer } = opened({ maxBatchBytes: 1, windowMs: LONG_MS });
  items$.next(item(1));
  items$.next(item(2));
  expect(await positions(buffer.next(LONG_MS))).toEqual([1]);
  expect(await positions(buffer.next(LONG_MS))).toEqual([2]);
});

test('a position told after the last event is where the batch ends; one before it is not', async () => {
  const { items$, buffer } = opened();
  items$.next({ kind: 'checkpoint', position: 3n });
  items$.next(item(5));
  items$.next({ kind: 'checkpoint', position: 9n });
  expect(await buffer.next(LONG_MS)).toMatchObject({
    upTo: { position: 9n },
    events: { length: 1 },
  });
  items$.next({ kind: 'checkpoint', position: 12n });
  expect(await buffer.next(LONG_MS)).toEqual({ upTo: { position: 12n }, events: [] });
});

test('what came before the cut is still given, then the reason is thrown', async () => {
  const { items$, buffer } = opened({ windowMs: LONG_MS });
  items$.next(item(1));
  items$.error(new Error('cut'));
  expect(await positions(buffer.next(LONG_MS))).toEqual([1]);
  await expect(buffer.next(LONG_MS)).rejects.toThrow('cut');
});

test('a feed that ends was cut: the log has no end', async () => {
  const { items$, buffer } = opened();
  items$.complete();
  await expect(buffer.next(LONG_MS)).rejects.toThrow('the feed ended');
});

test('a stop wakes the reader, and the feed is left', async () => {
  const { items$, buffer } = opened();
  const waiting = buffer.next(LONG_MS);
  buffer.stop();
  expect(await waiting).toBeUndefined();
  expect(items$.observed).toBe(false);
});

test('a reader without work is let go after a while', async () => {
  expect(await opened().buffer.next(1)).toBeUndefined();
});
