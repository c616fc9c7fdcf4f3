import type { Knex } from 'knex';
import {
  freshness,
  unlessBeyond,
  type NoticeHandlers,
} from '../../../../projections/queries/freshness';
import { manualTimers } from '../../../support/manual-timers';

/** A read model whose checkpoint a test moves, and the channel on which it tells of that. */
const readModelAt = (position: string) => {
  let row: object | undefined = {
    position,
    prepare: null,
    event_id: null,
    applied_at: new Date(5),
  };
  let reads = 0;
  const raw = (_text: string, values: readonly string[]) => {
    reads += 1;
    expect(values).toEqual(['jobs']);
    return row ? Promise.resolve({ rows: [row] }) : Promise.reject(new Error('away'));
  };
  let handlers: NoticeHandlers | undefined;
  const timers = manualTimers();
  const fresh = freshness(
    { raw } as unknown as Knex, // the only call there is
    (given) => (handlers = given),
    timers.after,
  );
  return {
    ...{ fresh, timers },
    reads: () => reads,
    stand: (changes: object | undefined) => (row = changes && { ...row, ...changes }),
    tell: (payload: string) => handlers?.onMessage(payload),
    reconnect: () => handlers?.onConnect(),
  };
};
const told = (position: number) => `{"dueAt":3,"position":"${position}"}`;
const settle = () => new Promise((resolve) => setImmediate(resolve));
const pending = Symbol('pending');
const soFar = async (wait: Promise<boolean>) => {
  await settle();
  return await Promise.race([wait, Promise.resolve(pending)]);
};

test('what the read model has already is not waited for, and once known not asked for again', async () => {
  const { fresh, timers, reads, tell } = readModelAt('10');
  expect(await fresh.waitFor(10n, 1_000)).toBe(true);
  expect(await fresh.waitFor(10n, 1_000)).toBe(true);
  tell('{"position":"x"}');
  expect(await fresh.waitFor(10n, 1_000)).toBe(true);
  expect(reads()).toBe(1);
  expect(timers.pending()).toBe(0);
  expect(await soFar(fresh.waitFor(11n, 1_000))).toBe(pending);
});

test('a position is waited for until a message tells of it or of a later one', async () => {
  const { fresh, timers, tell } = readModelAt('10');
  const [eleven, twelve] = [fresh.waitFor(11n, 1_000), fresh.waitFor(12n, 1_000)];
  expect(await soFar(eleven)).toBe(pending);
  tell('{"position":"x"}');
  tell(told(10));
  expect(await soFar(eleven)).toBe(pending);
  tell(told(11));
  expect(await eleven).toBe(true);
  expect(await soFar(twelve)).toBe(pending);
  tell(told(99));
  expect(await twelve).toBe(true);
  expect(timers.pending()).toBe(0);
});

test('a wait that is in vain ends with its time, and nobody waits for it any more', async () => {
  const { fresh, timers, reconnect, reads } = readModelAt('10');
  const wait = fresh.waitFor(11n, 1_000);
  await settle();
  timers.advance(999);
  expect(await soFar(wait)).toBe(pending);
  timers.advance(1);
  expect(await wait).toBe(false);
  reconnect();
  expect(reads()).toBe(1);
});

test('a connection that is new may have missed the message, so whoever waits looks again', async () => {
  const { fresh, stand, reconnect } = readModelAt('10');
  const wait = fresh.waitFor(11n, 1_000);
  await settle();
  stand({ position: '11' });
  expect(await soFar(wait)).toBe(pending);
  reconnect();
  expect(await wait).toBe(true);
});

test('what was known before a connection broke counts no more: a crash may have taken it back', async () => {
  const { fresh, stand, reconnect } = readModelAt('10');
  expect(await fresh.waitFor(10n, 1_000)).toBe(true);
  stand({ position: '9' });
  reconnect();
  expect(await soFar(fresh.waitFor(10n, 1_000))).toBe(pending);
});

test('how far it is, is known without asking from the first look or message on, until a connection breaks', async () => {
  const { fresh, reads, tell, reconnect } = readModelAt('10');
  expect(fresh.position()).toBeUndefined();
  await fresh.checkpoint();
  expect(fresh.position()).toBe(10n);
  tell(told(12));
  expect(fresh.position()).toBe(12n);
  expect(reads()).toBe(1);
  reconnect();
  expect(fresh.position()).toBeUndefined();
});

test('a look that fails as the connection comes back is not the end of the wait', async () => {
  const { fresh, stand, reconnect, tell } = readModelAt('10');
  const wait = fresh.waitFor(11n, 1_000);
  await settle();
  stand(undefined);
  reconnect();
  expect(await soFar(wait)).toBe(pending);
  tell(told(11));
  expect(await wait).toBe(true);
});

test('how far the read model is, is told with both numbers of the place, and -1 before anything is applied', async () => {
  const { fresh, stand } = readModelAt('10');
  expect(await fresh.checkpoint()).toStrictEqual({ position: 10n, appliedAt: 5 });
  stand({ prepare: '8' });
  expect(await fresh.checkpoint()).toStrictEqual({ position: 10n, prepare: 8n, appliedAt: 5 });
  stand({ position: null, prepare: null });
  expect(await fresh.checkpoint()).toStrictEqual({ position: -1n, appliedAt: 5 });
});

test('a read model without a checkpoint was never made, which is told as what to do', async () => {
  const none = { raw: () => Promise.resolve({ rows: [] }) } as unknown as Knex;
  const fresh = freshness(none, () => undefined, manualTimers().after);
  await expect(fresh.checkpoint()).rejects.toThrow('run the migrations');
  expect(await fresh.parkedStreams()).toBe(0);
});

test('streams that are parked are counted', async () => {
  const { fresh, stand } = readModelAt('10');
  stand({ count: 3 });
  expect(await fresh.parkedStreams()).toBe(3);
});

const never = () => Promise.resolve(false);

test.each`
  position | logEnd                                     | answer   | why
  ${100n}  | ${() => Promise.resolve(100n)}             | ${false} | ${'the read model is behind, and will come there'}
  ${101n}  | ${() => Promise.resolve(100n)}             | ${true}  | ${'handed out before the log was restored: it cannot come there'}
  ${101n}  | ${() => Promise.reject(new Error('away'))} | ${false} | ${'nobody can tell'}
`(
  'a position that was waited for in vain is answered by where the log ends: $why',
  async (row: { position: bigint; logEnd: () => Promise<bigint>; answer: boolean }) => {
    expect(await unlessBeyond(never, row.logEnd)(row.position, 10)).toBe(row.answer);
  },
);

test('the log is not asked about a position that the read model has', async () => {
  const logEnd = jest.fn(() => Promise.resolve(0n));
  expect(await unlessBeyond(() => Promise.resolve(true), logEnd)(100n, 10)).toBe(true);
  expect(logEnd).not.toHaveBeenCalled();
});
