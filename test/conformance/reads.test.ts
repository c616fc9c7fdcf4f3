import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  END,
  FORWARDS,
  jsonEvent,
  START,
  StreamNotFoundError,
} from '@eventstore/db-client';
import { startTestEventStore, type TestEventStore } from '../support/event-store';
import { readAllEvents, readStreamEvents } from '../integration/embedded/eventstore/reading';

/** More than a page, so that every read of all crosses pages. */
const count = 1_300;
const stream = 'numbers';

let store: TestEventStore;
beforeAll(async () => {
  store = await startTestEventStore();
  const events = Array.from({ length: count }, (_, n) => jsonEvent({ type: 'N', data: { n } }));
  await store.client.appendToStream(stream, events);
});
afterAll(async () => await store.close());

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
  direction   | from                     | why
  ${FORWARDS} | ${END}                   | ${'nothing follows the end'}
  ${FORWARDS} | ${BigInt(count)}         | ${'nothing is there yet'}
  ${FORWARDS} | ${18446744073709551615n} | ${'the largest revision of the protocol'}
`('$direction from $from is empty, not an error: $why', async ({ direction, from }) => {
  const options = { direction: direction as typeof FORWARDS, fromRevision: from as bigint };
  expect(await readStreamEvents(store.client, stream, options)).toEqual([]);
});

test('a stream that was never written is not found, in both directions', async () => {
  for (const direction of [FORWARDS, BACKWARDS] as const) {
    const read = readStreamEvents(store.client, `none-${randomUUID()}`, { direction });
    await expect(read).rejects.toThrow(StreamNotFoundError);
  }
});

test('the whole log reads the same in both directions', async () => {
  const forwards = await readAllEvents(store.client);
  const backwards = await readAllEvents(store.client, { direction: BACKWARDS, fromPosition: END });
  expect(forwards).toHaveLength(count);
  expect(backwards.map(({ id }) => id)).toEqual(forwards.map(({ id }) => id).reverse());
});

test('a position is included forwards and excluded backwards, as on the real server', async () => {
  const all = await readAllEvents(store.client);
  const at = all[700]?.position;
  if (!at) throw new Error('the log is shorter than the test needs');
  const after = await readAllEvents(store.client, { fromPosition: at, maxCount: 2 });
  expect(after.map(({ id }) => id)).toEqual([all[700]?.id, all[701]?.id]);
  const before = await readAllEvents(store.client, {
    fromPosition: at,
    maxCount: 2,
    direction: BACKWARDS,
  });
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
