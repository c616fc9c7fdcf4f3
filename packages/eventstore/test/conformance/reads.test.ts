import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  binaryEvent,
  END,
  FORWARDS,
  jsonEvent,
  START,
  StreamNotFoundError,
  type ReadAllOptions,
  type ReadPosition,
  type RecordedEvent,
  type ReadStreamOptions,
} from '@eventstore/db-client';
import {
  openStoreUnderTest,
  startStrictEventStore,
  type StoreUnderTest,
} from '../../../../test/support/event-store';
import { givenEventStoreUrl, onlyOnOurs } from '../../../../test/support/given-event-store';
import { readBackTo, readOwnEvents, readStreamEvents } from '../../../../test/support/reading';

/** More than a page, so that every read of all crosses pages. */
const count = 1_300;
const stream = `numbers-${randomUUID()}`;

let store: StoreUnderTest;
beforeAll(async () => {
  store = await openStoreUnderTest();
  const events = Array.from({ length: count }, (_, n) => jsonEvent({ type: 'N', data: { n } }));
  await store.client.appendToStream(stream, events);
});
afterAll(async () => await store.close());

/** What the log has of the stream. */
const logOf = () => readOwnEvents(store, (name) => name === stream);
const readAll = async (options: ReadAllOptions): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for await (const { event } of store.client.readAll(options)) if (event) events.push(event);
  return events;
};
const numbers = (from: number, to: number): number[] => {
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + step * i);
};

test.each`
  direction    | from     | max          | first        | last         | why
  ${FORWARDS}  | ${START} | ${undefined} | ${0}         | ${count - 1} | ${'all pages, in order'}
  ${FORWARDS}  | ${START} | ${1_000}     | ${0}         | ${999}       | ${'a limit across pages'}
  ${FORWARDS}  | ${5n}    | ${3}         | ${5}         | ${7}         | ${'the revision is included'}
  ${BACKWARDS} | ${END}   | ${undefined} | ${count - 1} | ${0}         | ${'all pages, in order'}
  ${BACKWARDS} | ${END}   | ${1}         | ${count - 1} | ${count - 1} | ${'the newest event'}
  ${BACKWARDS} | ${5n}    | ${3}         | ${5}         | ${3}         | ${'the revision is included'}
  ${BACKWARDS} | ${2n}    | ${10}        | ${2}         | ${0}         | ${'it ends at the start'}
  ${BACKWARDS} | ${9999n} | ${2}         | ${count - 1} | ${count - 2} | ${'past the end is the end'}
`(
  '$direction from $from, at most $max, gives $first to $last: $why',
  async ({ direction, from, max, first, last }) => {
    const read = await readStreamEvents(store.client, stream, {
      direction: direction as typeof FORWARDS,
      fromRevision: from as bigint,
      ...(max === undefined ? {} : { maxCount: max as number }),
    });
    expect(read.map(({ revision }) => Number(revision))).toEqual(
      numbers(first as number, last as number),
    );
  },
);

test.each`
  direction   | from              | why
  ${FORWARDS} | ${BigInt(count)}  | ${'nothing is there yet'}
  ${FORWARDS} | ${2n ** 63n - 1n} | ${'the largest revision there can be'}
`('$direction from $from is empty, not an error: $why', async ({ direction, from }) => {
  const options = { direction: direction as typeof FORWARDS, fromRevision: from as bigint };
  expect(await readStreamEvents(store.client, stream, options)).toEqual([]);
});

test.each<[string, ReadStreamOptions]>([
  ['forwards from the end', { direction: FORWARDS, fromRevision: END }],
  ['from the largest number of the protocol', { fromRevision: 2n ** 64n - 1n }],
  ['of no events', { maxCount: 0 }],
  ['of no events, backwards', { direction: BACKWARDS, fromRevision: END, maxCount: 0 }],
])('a read of a stream %s is refused, whether it is there or not', async (_, options) => {
  for (const name of [stream, `none-${randomUUID()}`])
    await expect(readStreamEvents(store.client, name, options)).rejects.toMatchObject({
      code: 2,
      message: expect.stringContaining('Unexpected ReadStreamResult: Error') as string,
    });
});

test('a read of no events of the log is refused: the real server never answers it', async () => {
  await expect(readAll({ maxCount: 0 })).rejects.toMatchObject({ code: 2 });
});

test('a stream that was never written is not found, in both directions', async () => {
  for (const direction of [FORWARDS, BACKWARDS] as const) {
    const read = readStreamEvents(store.client, `none-${randomUUID()}`, { direction });
    await expect(read).rejects.toThrow(StreamNotFoundError);
  }
});

test('the whole log reads the same in both directions', async () => {
  const forwards = await logOf();
  expect(forwards).toHaveLength(count);
  const backwards = (await readBackTo(store.client, store.start)).flatMap(({ event }) =>
    event?.streamId === stream ? [event.id] : [],
  );
  expect(backwards).toEqual(forwards.map(({ id }) => id).reverse());
});

test('a position is included forwards and excluded backwards, as on the real server', async () => {
  const all = await logOf(); // one append: nobody else's event lies between
  const at = all[700]?.position;
  if (!at) throw new Error('the log is shorter than the test needs');
  const after = await readAll({ fromPosition: at, maxCount: 2 });
  expect(after.map(({ id }) => id)).toEqual([all[700]?.id, all[701]?.id]);
  const before = await readAll({ fromPosition: at, maxCount: 2, direction: BACKWARDS });
  expect(before.map(({ id }) => id)).toEqual([all[699]?.id, all[698]?.id]);
});

test('a read that is cancelled half way leaves the connection usable', async () => {
  for (let i = 0; i < 20; i += 1) {
    for await (const { event } of store.client.readStream(stream)) {
      if (event?.revision === 3n) break;
    }
  }
  expect(await readStreamEvents(store.client, stream, { maxCount: 1 })).toHaveLength(1);
});

test.each`
  max                        | last         | why
  ${1}                       | ${0}         | ${'one event'}
  ${count}                   | ${count - 1} | ${'exactly all'}
  ${Number.MAX_SAFE_INTEGER} | ${count - 1} | ${'as many as there are'}
`('at most $max events of a stream and of the log: $why', async ({ max, last }) => {
  const maxCount = max as number;
  const expected = numbers(0, last as number);
  const [first] = await readStreamEvents(store.client, stream, { maxCount: 1 });
  if (!first?.position) throw new Error('an event that is read has a position');
  const read = await readStreamEvents(store.client, stream, { maxCount });
  expect(read.map(({ revision }) => Number(revision))).toEqual(expected);
  const all = await readAll({ maxCount, fromPosition: first.position });
  const own = all.filter(({ streamId }) => streamId === stream);
  expect(own.map(({ revision }) => Number(revision))).toEqual(expected);
});

test('a stream backwards from its start is its first event', async () => {
  const options: ReadStreamOptions = { direction: BACKWARDS, fromRevision: START };
  const read = await readStreamEvents(store.client, stream, options);
  expect(read.map(({ revision }) => revision)).toEqual([0n]);
});

test.each`
  direction    | from     | why
  ${FORWARDS}  | ${END}   | ${'nothing follows the end'}
  ${BACKWARDS} | ${START} | ${'nothing precedes the start'}
`('the log $direction from $from is empty: $why', async ({ direction, from }) => {
  const options = { direction: direction as typeof FORWARDS, fromPosition: from as typeof START };
  expect(await readAll(options)).toEqual([]);
});

test('a read from a position where no event lies is refused; 0 and what is past the end are places for a read forwards', async () => {
  const all = await logOf();
  const at = (index: number): bigint => all[index]?.position?.commit ?? -1n;
  const from = async (
    commit: bigint,
    direction: typeof FORWARDS | typeof BACKWARDS,
    prepare = commit,
  ) => {
    const fromPosition = { commit, prepare };
    const read = await readAll({ fromPosition, direction, maxCount: 2 });
    return read.map(({ revision }) => Number(revision));
  };
  const refusal = {
    code: 2,
    message: expect.stringContaining('Unexpected ReadAllResult: Error') as string,
  };
  await expect(from(at(5) + 1n, FORWARDS)).rejects.toMatchObject(refusal);
  await expect(from(at(5) + 1n, BACKWARDS)).rejects.toMatchObject(refusal);
  await expect(from(at(5), FORWARDS, at(6))).rejects.toMatchObject(refusal);
  await expect(from(0n, FORWARDS)).resolves.toBeDefined();
  expect(await from(0n, BACKWARDS)).toEqual([]);
  for (const beyond of [at(count - 1) + 2n ** 40n, 2n ** 63n - 1n]) {
    expect(await from(beyond, FORWARDS)).toEqual([]);
    await expect(from(beyond, BACKWARDS)).rejects.toMatchObject(refusal);
  }
  expect(await from(2n ** 64n - 1n, FORWARDS)).toEqual([]);
  const newest = await from(2n ** 64n - 1n, BACKWARDS);
  expect(newest).toHaveLength(2);
  // on a server that is given others may have written
  if (givenEventStoreUrl === undefined) expect(newest).toEqual([count - 1, count - 2]);
});

test('reading the log in pages, each from the last position, gives it whole, once', async () => {
  const all = await logOf();
  const paged: string[] = [];
  let fromPosition: ReadPosition = store.start;
  for (;;) {
    const page: readonly RecordedEvent[] = await readAll({ fromPosition, maxCount: 100 });
    // a position is included: each page begins with what was seen
    const fresh = page.slice(1);
    paged.push(...fresh.flatMap(({ streamId, id }) => (streamId === stream ? [id] : [])));
    const last = fresh.at(-1)?.position;
    if (!last) break;
    fromPosition = last;
  }
  expect(paged).toEqual(all.map(({ id }) => id));
});

test('positions rise along the log and each event says its own, whoever reads it', async () => {
  const positions = (await logOf()).map(({ position }) => position?.commit ?? -1n);
  expect(positions.filter((position, i) => position <= (positions[i - 1] ?? 0n))).toEqual([]);
  const own = await readStreamEvents(store.client, stream);
  expect(own.map(({ position }) => position?.commit)).toEqual(positions);
});

onlyOnOurs('it is not fresh')(
  'a fresh log has one event, which the server wrote: nobody may take an empty log for granted',
  async () => {
    const fresh = await startStrictEventStore();
    const all: unknown[] = [];
    for await (const { event } of fresh.client.readAll()) all.push(event);
    expect(all).toMatchObject([{ streamId: '$$$scavenges', revision: 0n, type: '$metadata' }]);
    await fresh.close();
  },
);

test('a stream without a name is refused', async () => {
  const refused = await readStreamEvents(store.client, '').catch((e: unknown) => e);
  expect(refused).toMatchObject({ code: 2 });
  await expect(readStreamEvents(store.client, stream, { maxCount: 1 })).resolves.toHaveLength(1);
});

test('events of very different sizes are read whole', async () => {
  const sizes = [0, 10, 900_000, 1, ...Array.from({ length: 40 }, () => 5), 800_000, 700_000, 3];
  const mixed = `sizes-${randomUUID()}`;
  for (const size of sizes) {
    const data = new Uint8Array(size).fill(size % 251);
    await store.client.appendToStream(mixed, binaryEvent({ type: 'Raw', data }));
  }
  const read = await readStreamEvents(store.client, mixed);
  expect(read.map(({ data }) => (data as Uint8Array).length)).toEqual(sizes);
});
