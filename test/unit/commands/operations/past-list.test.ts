import { operationAsOf } from '../../../../commands/operations/operation-as-of';
import { pastOperationList } from '../../../../commands/operations/past-list';
import { fold } from '../../../../domain/decider';
import { operationStream } from '../../../../domain/ids';
import { operation } from '../../../../domain/operation/decide';
import type { OperationFilter } from '../../../../domain/operation/filter';
import { decodeOperationEvent } from '../../../../domain/operation/stored-event';
import type { OperationEvent } from '../../../../domain/operation/events';
import { uuids } from '../../../../infra/ids';
import { recordedOperationEvent } from '../../../support/operation-histories';

// lists of operations of the past: those that had ended are as they are, the others are folded from the log

const ada = { kind: 'user', id: 'ada' } as const;
const START = Date.parse('2026-11-23T12:00:00.000Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const JOB = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6001';
const COUNT = 70;
const signal = new AbortController().signal;

const life: readonly (readonly [OperationEvent, number])[] = [
  [
    {
      type: 'OperationStarted',
      data: { ownerId: 'ada', role: 'user', kind: 'cancel', selection: { by: 'ids' } },
    },
    0,
  ],
  [{ type: 'OperationSelected', data: { batch: 0, from: 0, jobIds: [JOB] } }, 0],
  [{ type: 'OperationSelectionCompleted', data: { items: 1 } }, 0],
  [{ type: 'OperationProgressed', data: { batch: 0, from: 0, outcomes: ['changed'] } }, HOUR],
  [
    {
      type: 'OperationCompleted',
      data: { changed: 1, unchanged: 0, refused: 0, left: 0 },
    },
    HOUR,
  ],
];

/** Operation n is started n minutes after the start, and has ended an hour later. */
const made = Array.from({ length: COUNT }, (_, n) => {
  const operationId = uuids.next();
  const startedAt = START + n * MINUTE;
  const events = life.map(([event, after], revision) => ({
    ...recordedOperationEvent(operationId, BigInt(revision), event, startedAt + after),
    position: BigInt(n * 10 + revision),
  }));
  const state = fold(operation.evolve, operation.initial, events.map(decodeOperationEvent));
  if (state.status === 'none') throw new Error('it was started');
  return { operationId, startedAt, events, operation: state, position: BigInt(n * 10 + 4) };
});
const numberOf = (operationId: string): number =>
  made.findIndex((one) => one.operationId === operationId);

const listOn = (isReadable = (_n: number): boolean => true) => {
  const read: number[] = [];
  const log = {
    read: (stream: string, from = 0n) => {
      const n = made.findIndex(({ operationId }) => operationStream(operationId) === stream);
      read.push(n);
      const events = made[n]?.events.filter(({ revision }) => revision >= from) ?? [];
      return Promise.resolve(isReadable(n) ? events : events.slice(1));
    },
  };
  const list = pastOperationList({
    made: (_which, { limit, after }) =>
      Promise.resolve(
        made
          .toReversed()
          .filter(({ startedAt }) => !after || startedAt < after.startedAt)
          .slice(0, limit),
      ),
    asOf: operationAsOf({ log, ownerOf: () => Promise.resolve('ada') }),
  });
  return { list, read };
};
const atTime = (at: number) => ({ kind: 'time', at }) as const;
const listedAt = async (at: number, filter: OperationFilter = {}, { list } = listOn()) => {
  const { items } = await list({ asOf: atTime(at), actor: ada, filter, signal });
  return items.map(({ operationId, status }) => [numberOf(operationId), status]);
};

test('what was started later is not there, and each is as it was', async () => {
  expect(await listedAt(START - 1)).toEqual([]);
  expect(await listedAt(START + MINUTE)).toEqual([
    [1, 'running'],
    [0, 'running'],
  ]);
  const then = START + HOUR + MINUTE;
  expect(await listedAt(then, { status: ['completed'] })).toEqual([
    [1, 'completed'],
    [0, 'completed'],
  ]);
  expect((await listedAt(then, { status: ['running'] })).at(-1)).toEqual([2, 'running']);
});

test('of those that had ended no stream is read, however long it is; one that ended within the minute may have been written by a clock that is ahead', async () => {
  const bench = listOn();
  await listedAt(START + HOUR + 5 * MINUTE, { status: ['completed'] }, bench);
  expect(Math.min(...bench.read)).toBe(5);
});

test('pages follow each other through one past', async () => {
  const { list } = listOn();
  const asked = { asOf: atTime(START + HOUR), actor: ada, filter: {}, limit: 10, signal };
  const first = await list(asked);
  expect(numberOf(first.items[0]?.operationId ?? '')).toBe(60);
  const second = await list({ ...asked, ...(first.next && { after: first.next }) });
  expect(numberOf(second.items[0]?.operationId ?? '')).toBe(50);
  expect((await list({ ...asked, limit: 61 })).next).toBeUndefined();
});

test('a position of the log is a moment as well', async () => {
  const { list } = listOn();
  const asOf = { kind: 'position', position: 14n } as const;
  const { items } = await list({ asOf, actor: ada, filter: {}, signal });
  expect(items.map(({ operationId, status }) => [numberOf(operationId), status])).toEqual([
    [1, 'completed'],
    [0, 'completed'],
  ]);
});

test('one that cannot be read is left out, and holds up no other', async () => {
  expect(
    await listedAt(
      START + MINUTE,
      {},
      listOn((n) => n !== 1),
    ),
  ).toEqual([[0, 'running']]);
});

test('a list that nobody waits for any more ends', async () => {
  const asked = { asOf: atTime(START), actor: ada, filter: {} };
  const stopped = AbortSignal.abort(new Error('too late'));
  await expect(listOn().list({ ...asked, signal: stopped })).rejects.toThrow('too late');
});
