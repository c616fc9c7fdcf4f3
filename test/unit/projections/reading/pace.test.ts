import {
  brake,
  POLITE_PER_SECOND,
  politePace,
  type Pace,
  type Room,
} from '../../../../projections/reading/pace';
import { manualTimers } from '../../../support/manual-timers';

const working = (position: bigint) => ({ isLive: true, isLate: false, position });
/** @param idleShare  of the processor */
const roomOf = (look: Room['look'], idleShare = 0.5): Room => ({
  look,
  idleShare: () => idleShare,
});
const idle = { isLive: false, isLate: false, position: 0n };

test('the polite pace follows whether the live system works, and asks no more than once a second', async () => {
  const timers = manualTimers();
  const look = jest.fn().mockResolvedValueOnce(working(7n)).mockResolvedValueOnce(idle);
  const pace = politePace(roomOf(look), timers);
  const polite = { eventsPerSecond: POLITE_PER_SECOND, positionsPerSecond: 0 };
  expect(await pace()).toEqual(polite);
  timers.advance(999);
  expect(await pace()).toEqual(polite);
  expect(look).toHaveBeenCalledTimes(1);
  timers.advance(1);
  expect(await pace()).toBe('full');
});

test('it is faster than the log grows, or whoever follows would never arrive', async () => {
  const timers = manualTimers();
  const look = jest.fn().mockResolvedValueOnce(working(1_000n)).mockResolvedValue(working(9_000n));
  const pace = politePace(roomOf(look), timers, 100);
  await pace();
  timers.advance(2_000);
  expect(await pace()).toEqual({ eventsPerSecond: 100, positionsPerSecond: 5_000 });
  timers.advance(1_000);
  expect(await pace()).toEqual({ eventsPerSecond: 100, positionsPerSecond: 0 });
});

test('it neither keeps up nor goes on as before at the cost of jobs that are late already', async () => {
  const timers = manualTimers();
  const late = { ...working(9_000n), isLate: true };
  const look = jest.fn().mockResolvedValueOnce(working(1_000n)).mockResolvedValue(late);
  const pace = politePace(roomOf(look), timers, 100);
  await pace();
  timers.advance(2_000);
  expect(await pace()).toEqual({ eventsPerSecond: 10 });
});

test('nor on a full processor, where all that it takes makes a queue longer', async () => {
  const look = () => Promise.resolve(working(1_000n));
  const paceAt = (idleShare: number) => politePace(roomOf(look, idleShare), manualTimers(), 100)();
  expect(await paceAt(0.09)).toEqual({ eventsPerSecond: 10 });
  expect(await paceAt(0.11)).toEqual({ eventsPerSecond: 100, positionsPerSecond: 0 });
});

test('a processor that is full of its own work alone does not hold it back', async () => {
  const pace = politePace(
    roomOf(() => Promise.resolve(idle), 0),
    manualTimers(),
  );
  expect(await pace()).toBe('full');
});

test('it is modest when nobody can tell whether the system works', async () => {
  const pace = politePace(
    roomOf(() => Promise.reject(new Error('Postgres is away'))),
    manualTimers(),
  );
  expect(await pace()).toEqual({ eventsPerSecond: POLITE_PER_SECOND });
});

/** How long `ready` has kept somebody waiting. */
const waited = async (ready: Promise<unknown>, timers: ReturnType<typeof manualTimers>) => {
  let isReady = false;
  void ready.then(() => (isReady = true));
  for (let ms = 0; ; ms += 10) {
    await new Promise((resolve) => setImmediate(resolve));
    if (isReady || ms > 10_000) return ms;
    timers.advance(10);
  }
};
const never = new AbortController().signal;

test('work is paid for after it was done, and before the next begins', async () => {
  const timers = manualTimers();
  const { ready, spend } = brake(() => ({ eventsPerSecond: 100 }), timers);
  expect(await ready(never)).toBe(100);
  spend(50, 100);
  expect(await waited(ready(never), timers)).toBe(500);
});

test('when nothing is in the way any more, what was spent is forgiven', async () => {
  const timers = manualTimers();
  let pace: Pace = { eventsPerSecond: 1 };
  const { ready, spend } = brake(() => pace, timers);
  spend(3_600, 1);
  pace = 'full';
  expect(await waited(ready(never), timers)).toBe(0);
  spend(1_000_000, 'full');
  pace = { eventsPerSecond: 1 };
  expect(await waited(ready(never), timers)).toBe(0);
});

test('what is spent at full speed leaves what comes after it at its pace', async () => {
  const timers = manualTimers();
  const { ready, spend } = brake(() => ({ eventsPerSecond: 100 }), timers);
  spend(1_000_000, 'full');
  spend(50, 100);
  expect(await waited(ready(never), timers)).toBe(500);
});

test('how fast the log grows is told by the time between two looks, whatever the clock says', async () => {
  const timers = manualTimers(3_600_000);
  const look = jest.fn().mockResolvedValueOnce(working(1_000n)).mockResolvedValue(working(9_000n));
  const pace = politePace(roomOf(look), timers, 100);
  await pace();
  timers.advance(2_000);
  expect(await pace()).toEqual({ eventsPerSecond: 100, positionsPerSecond: 5_000 });
});

test('who is told to end while it waits ends at once', async () => {
  const timers = manualTimers();
  const stopping = new AbortController();
  const { ready, spend } = brake(() => ({ eventsPerSecond: 1 }), timers);
  spend(100, 1);
  const waiting = ready(stopping.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stopping.abort(new Error('that is enough'));
  await expect(waiting).rejects.toThrow('that is enough');
  await expect(ready(stopping.signal)).rejects.toThrow('that is enough');
});
