import { memoryScan } from '../../../../infra/memory/log-scan';
import type { LogScan } from '../../../../projections/reading/log-scan';
import { brake, type Brake, type Pace } from '../../../../projections/reading/pace';
import { paced } from '../../../../projections/reading/paced-scan';
import { manualTimers } from '../../../support/manual-timers';
import { storedBytes } from '../../../support/stored-log';

const EVENTS = 1_500;
const scan = memoryScan(
  Array.from({ length: EVENTS }, (_, n) => ({
    ...{ id: String(n), stream: 'job-x', type: 'T', data: {}, metadata: {} },
    ...{ revision: BigInt(n), position: BigInt(n) },
  })),
);
const EVENT = {
  ...{ id: 'e', stream: 'job-x', type: 'T', data: {}, metadata: {}, revision: 0n },
};
const never = new AbortController().signal;

const held = (eventsPerSecond: number): Pace => ({ eventsPerSecond });

/** Lets what waits for promises go on until it waits for the clock. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const start = (pace: () => Pace | Promise<Pace>, signal = never) => {
  const timers = manualTimers();
  const seen: { readonly id: string; readonly atMs: number }[] = [];
  const done = (async () => {
    for await (const batch of paced(scan, brake(pace, timers))({ after: 'start' }, signal))
      for (const { id } of batch) seen.push({ id, atMs: timers.monotonicMs() });
  })();
  done.catch(() => undefined);
  const pass = async (ms: number): Promise<void> => {
    await settle();
    for (let passed = 0; passed < ms; passed += 10) {
      timers.advance(10);
      await settle();
    }
  };
  return { timers, seen, done, pass };
};

test('a held scan gives every event in order, and never more in a second than it may', async () => {
  const { seen, done, pass } = start(() => held(500));
  await pass(3_500);
  await done;
  expect(seen.map(({ id }) => Number(id))).toEqual(Array.from({ length: EVENTS }, (_, n) => n));
  for (const [n, { atMs }] of seen.entries()) {
    const later = seen[n + 600];
    // a stroke of a hundred may begin the second and another end it
    if (later) expect(later.atMs - atMs).toBeGreaterThanOrEqual(1_000);
  }
});

test('what is held comes in short strokes, for a second of work at once would stop the live system', async () => {
  const { seen, pass } = start(() => held(2_000));
  await pass(50);
  expect(seen).toHaveLength(200);
  await pass(60);
  expect(seen).toHaveLength(400);
});

test.each`
  perSecond | stroke | everyMs
  ${300}    | ${100} | ${340}
  ${50}     | ${50}  | ${1_000}
`(
  'at $perSecond a second strokes are longer, for each costs the live system something, but one comes a second',
  async ({ perSecond, stroke, everyMs }: Record<'perSecond' | 'stroke' | 'everyMs', number>) => {
    const { seen, pass } = start(() => held(perSecond));
    await pass(everyMs - 10);
    expect(seen).toHaveLength(stroke);
    await pass(10);
    expect(seen).toHaveLength(stroke * 2);
  },
);

test('one event a second is a pace as well', async () => {
  const { seen, pass } = start(() => held(1));
  await pass(2_500);
  expect(seen).toHaveLength(3);
});

test('at full speed nothing waits for the clock', async () => {
  const { seen, done, timers } = start(() => 'full');
  await done;
  expect([seen.length, timers.pending()]).toEqual([EVENTS, 0]);
});

test('time that a slow reader has lost is not made up for in a burst', async () => {
  const timers = manualTimers();
  const slow = paced(
    scan,
    brake(() => held(500), timers),
  )({ after: 'start' }, never)[Symbol.asyncIterator]();
  await slow.next();
  timers.advance(10_000);
  await slow.next();
  let isGiven = false;
  const third = slow.next().then(() => (isGiven = true));
  await settle();
  expect(isGiven).toBe(false);
  timers.advance(200);
  await third;
});

test('a scan that is told to end while it is held ends at once, and leaves no timer', async () => {
  const stopping = new AbortController();
  const { done, pass, timers } = start(() => held(500), stopping.signal);
  await pass(50);
  stopping.abort(new Error('that is enough'));
  await expect(done).rejects.toThrow('that is enough');
  expect(timers.pending()).toBe(0);
});

test('a log that grows faster than the pace is kept up with, whatever its positions count', async () => {
  const bytesApart = memoryScan(
    Array.from({ length: EVENTS }, (_, n) => ({
      ...{ id: String(n), stream: 'job-x', type: 'T', data: {}, metadata: {} },
      ...{ revision: BigInt(n), position: BigInt(n * 400) },
    })),
  );
  const timers = manualTimers();
  const pace: Pace = { eventsPerSecond: 100, positionsPerSecond: 800_000 };
  const scanned = paced(
    bytesApart,
    brake(() => pace, timers),
  )({ after: 'start' }, never);
  const strokes: number[] = [];
  for await (const stroke of scanned) {
    strokes.push(stroke.length);
    break;
  }
  expect(strokes).toEqual([200]); // a tenth of a second's 2,000
});

test('scans that share a brake keep the pace together, or many short ones would keep none', async () => {
  const timers = manualTimers();
  const shared = brake(() => held(500), timers);
  let read = 0;
  void (async () => {
    for (let n = 0; n < 4; n++)
      for await (const batch of paced(scan, shared)({ after: 'start', upTo: 49n }, never))
        read += batch.length;
  })();
  await settle();
  expect(read).toBe(50);
  timers.advance(100);
  await settle();
  expect(read).toBe(100);
});

test.each`
  batches                 | positions   | why
  ${[[10, 20, 40]]}       | ${[15]}     | ${'from the first to the last there are two steps'}
  ${[[7]]}                | ${[1]}      | ${'one event tells nothing'}
  ${[[10, 20], [50, 60]]} | ${[10, 20]} | ${'a later batch begins where the one before ended'}
  ${[[10, 20], [], [40]]} | ${[10, 20]} | ${'an empty batch ends nowhere'}
`(
  'how far events bring a reader on is told by their places: $why',
  async (row: { batches: number[][]; positions: number[] }) => {
    const asked: (number | undefined)[] = [];
    const batches: LogScan = async function* batched() {
      for (const places of row.batches)
        yield await Promise.resolve(
          places.map((place) => storedBytes({ ...EVENT, position: BigInt(place) }, 0)),
        );
    };
    const free: Brake = {
      ready: (_signal, positionsPerEvent) => {
        asked.push(positionsPerEvent);
        return Promise.resolve('full');
      },
      spend: () => undefined,
    };
    for await (const _stroke of paced(batches, free)({ after: 'start' }, never));
    expect(asked).toEqual(row.positions);
  },
);
