import { randomUUID } from 'node:crypto';
import {
  BACKWARDS,
  END,
  jsonEvent,
  NO_STREAM,
  StreamDeletedError,
  StreamNotFoundError,
  type StreamMetadata,
} from '@eventstore/db-client';
import { Client } from 'pg';
import { readOwnEvents, readStreamEvents } from '../../../../test/support/reading';
import {
  openStoreUnderTest,
  testSchema,
  type StoreUnderTest,
} from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';
import { until } from '../../../../test/support/until';

let store: StoreUnderTest;
beforeAll(async () => (store = await openStoreUnderTest()));
afterAll(async () => await store.close());

const event = () => jsonEvent({ type: 'Happened', data: {} });
const streamOf = async (events: number): Promise<string> => {
  const name = `cut-${randomUUID()}`;
  await store.client.appendToStream(name, Array.from({ length: events }, event));
  return name;
};

const ageingTest = onlyOnOurs('it makes events older in their table');

/** Makes the events up to a revision older, as if time had passed. */
const age = async (stream: string, upTo: number, seconds: number): Promise<void> => {
  const database = new Client({ connectionString: store.postgresUrl });
  await database.connect();
  await database.query(
    `update ${testSchema}.events set created_ms = created_ms - $3::bigint where stream = $1 and revision <= $2`,
    [stream, upTo, seconds * 1_000],
  );
  await database.end();
};

const numbers = (events: readonly { readonly revision: bigint }[]): number[] =>
  events.map(({ revision }) => Number(revision));
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const forwards = async (name: string, options = {}) =>
  numbers(await readStreamEvents(store.client, name, options));
const backwards = async (name: string, options = {}) =>
  numbers(
    await readStreamEvents(store.client, name, {
      direction: BACKWARDS,
      fromRevision: END,
      ...options,
    }),
  );
const subscribed = async (name: string, fromRevision?: bigint): Promise<number[]> => {
  const seen: number[] = [];
  let isCaughtUp = false;
  const subscription = store.client.subscribeToStream(
    name,
    fromRevision === undefined ? {} : { fromRevision },
  );
  subscription.on('data', ({ event: read }) => seen.push(Number(read?.revision)));
  subscription.on('caughtUp', () => (isCaughtUp = true));
  await until(() => isCaughtUp);
  await subscription.unsubscribe();
  return seen;
};

/** Ten events under this metadata show from this revision on, whoever reads them. */
const expectShown = async (name: string, metadata: StreamMetadata, first: number) => {
  await store.client.setStreamMetadata(name, metadata);
  const shown = range(first, 9);
  expect(await forwards(name)).toEqual(shown);
  expect(await forwards(name, { maxCount: 2 })).toEqual(shown.slice(0, 2));
  expect(await forwards(name, { fromRevision: 8n })).toEqual(shown.filter((n) => n >= 8));
  expect(await backwards(name)).toEqual([...shown].reverse());
  expect(await backwards(name, { maxCount: 2 })).toEqual([...shown].reverse().slice(0, 2));
  expect(await backwards(name, { fromRevision: 3n })).toEqual(
    [...shown].reverse().filter((n) => n <= 3),
  );
  expect(await subscribed(name)).toEqual(shown);
  expect(await subscribed(name, 7n)).toEqual(shown.filter((n) => n > 7));
};

test.each<[metadata: StreamMetadata, first: number, why: string]>([
  [{ truncateBefore: 4 }, 4, 'what is before $tb'],
  [{ maxCount: 3 }, 7, 'all but the newest three'],
  [{ maxCount: 30 }, 0, 'nothing, when there are fewer'],
  [{ maxAge: 60 }, 0, 'nothing that is young'],
  [{ truncateBefore: 50 }, 10, 'everything, when $tb lies beyond the end'],
])('%j on ten events shows from %d on and hides %s', async (metadata, first) => {
  await expectShown(await streamOf(10), metadata, first);
});

ageingTest.each<[metadata: StreamMetadata, aged: number, first: number, why: string]>([
  [{}, 9, 0, 'nothing is hidden, however old'],
  [{ maxAge: 60 }, 5, 6, 'what is older than a minute'],
  [{ maxAge: 600 }, 5, 0, 'nothing, when all are younger'],
  [{ maxAge: 60 }, 9, 10, 'everything, when all is old; the stream is still there'],
  [{ maxAge: 60, maxCount: 3, truncateBefore: 8 }, 5, 8, 'by the strictest of the three: $tb'],
  [{ maxAge: 60, maxCount: 3, truncateBefore: 1 }, 5, 7, 'by the strictest: $maxCount'],
  [{ maxAge: 60, maxCount: 9, truncateBefore: 1 }, 5, 6, 'by the strictest: $maxAge'],
])('%j on ten events, %d aged, shows from %d on and hides %s', async (metadata, aged, first) => {
  const name = await streamOf(10);
  await age(name, aged, 120);
  await expectShown(name, metadata, first);
});

test('the newest metadata counts, and what it showed again is there: nothing is really gone', async () => {
  const name = await streamOf(5);
  await store.client.setStreamMetadata(name, { truncateBefore: 3 });
  await store.client.setStreamMetadata(name, { maxCount: 4 });
  expect(await forwards(name)).toEqual(range(1, 4));
  await store.client.setStreamMetadata(name, {});
  expect(await forwards(name)).toEqual(range(0, 4));
});

test('metadata applies to what comes later: the window of $maxCount moves on', async () => {
  const name = await streamOf(3);
  await store.client.setStreamMetadata(name, { maxCount: 2 });
  await store.client.appendToStream(name, [event(), event()]);
  expect(await forwards(name)).toEqual([3, 4]);
});

test('metadata may come before its stream', async () => {
  const name = `early-${randomUUID()}`;
  await store.client.setStreamMetadata(name, { maxCount: 2 });
  await expect(forwards(name)).rejects.toThrow(StreamNotFoundError);
  await store.client.appendToStream(name, Array.from({ length: 5 }, event));
  expect(await forwards(name)).toEqual([3, 4]);
});

const expectHalfHidden = async (name: string): Promise<void> => {
  expect(await forwards(name)).toEqual(range(400, 999));
  expect(await backwards(name)).toEqual(range(400, 999).reverse());
  expect(await subscribed(name)).toEqual(range(400, 999));
  expect(await forwards(name, { maxCount: 550 })).toEqual(range(400, 949));
};

test('truncation crosses pages, forwards and backwards', async () => {
  const name = await streamOf(1_000);
  await store.client.setStreamMetadata(name, { truncateBefore: 400 });
  await expectHalfHidden(name);
});

ageingTest('truncation by age crosses pages, forwards and backwards', async () => {
  const name = await streamOf(1_000);
  await age(name, 399, 120);
  await store.client.setStreamMetadata(name, { maxAge: 60 });
  await expectHalfHidden(name);
});

test('the whole log shows what streams hide: truncated, deleted and system events', async () => {
  const name = await streamOf(3);
  await store.client.setStreamMetadata(name, { maxCount: 1 });
  await store.client.deleteStream(name);
  const ended = await streamOf(2);
  await store.client.tombstoneStream(ended);
  const own = await readOwnEvents(
    store,
    (stream) => stream.includes(name) || stream.includes(ended),
  );
  const lines = own.map(({ revision, streamId, type }) => `${revision}@${streamId} ${type}`);
  expect(lines).toEqual([
    ...range(0, 2).map((n) => `${n}@${name} Happened`),
    `0@$$${name} $metadata`,
    `1@$$${name} $metadata`,
    ...range(0, 1).map((n) => `${n}@${ended} Happened`),
    `9223372036854775807@${ended} $streamDeleted`,
  ]);
});

test('a metadata stream is read like any other; only its newest event shows', async () => {
  const name = await streamOf(1);
  await expect(readStreamEvents(store.client, `$$${name}`)).rejects.toThrow(StreamNotFoundError);
  await store.client.setStreamMetadata(name, { maxCount: 7 });
  await store.client.setStreamMetadata(name, { maxAge: 9 });
  const metastream = await readStreamEvents(store.client, `$$${name}`);
  expect(metastream).toMatchObject([
    { type: '$metadata', revision: 1n, isJson: true, data: { $maxAge: 9 } },
  ]);
  expect(await subscribed(`$$${name}`)).toEqual([1]);
});

test('all metadata fields are kept as they were set, ACL, cache control and those of others, until the stream is deleted', async () => {
  const name = await streamOf(1);
  const metadata = {
    maxCount: 10,
    maxAge: 3_600,
    truncateBefore: 0,
    cacheControl: 60,
    acl: {
      readRoles: ['$all'],
      writeRoles: ['writers', '$admins'],
      deleteRoles: ['$admins'],
      metaReadRoles: ['$all'],
      metaWriteRoles: ['$admins'],
    },
    own: { nested: [1, 'zwei', null], süß: true },
  };
  await store.client.setStreamMetadata(name, metadata);
  const stored = await store.client.getStreamMetadata(name);
  expect(stored).toMatchObject({ streamName: name, metadata });
  await store.client.deleteStream(name);
  await store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM });
  const { metadata: after } = await store.client.getStreamMetadata(name);
  expect(after).toEqual({ truncateBefore: 1 });
});

test('a deleted stream is not found until it is re-created; its revisions go on', async () => {
  const name = await streamOf(3);
  await store.client.deleteStream(name);
  await expect(forwards(name)).rejects.toThrow(StreamNotFoundError);
  await expect(backwards(name)).rejects.toThrow(StreamNotFoundError);
  await store.client.appendToStream(name, [event(), event()], { expectedRevision: NO_STREAM });
  expect(await forwards(name)).toEqual([3, 4]);
  expect(await forwards(name, { fromRevision: 1n, maxCount: 1 })).toEqual([3]);
  expect(await backwards(name)).toEqual([4, 3]);
  expect(await backwards(name, { fromRevision: 2n })).toEqual([]);
  expect(await subscribed(name)).toEqual([3, 4]);
});

test('a tombstone ends the metadata stream as well', async () => {
  const name = await streamOf(1);
  await store.client.setStreamMetadata(name, { maxCount: 1 });
  await store.client.tombstoneStream(name);
  for (const stream of [name, `$$${name}`]) {
    const refused = await readStreamEvents(store.client, stream).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(StreamDeletedError);
    expect(refused).toMatchObject({ type: 'stream-deleted', streamName: stream });
  }
  await expect(store.client.getStreamMetadata(name)).rejects.toThrow(StreamDeletedError);
});

test('a subscription to a deleted stream sees its re-creation, from its new revision on', async () => {
  const name = await streamOf(2);
  const seen: number[] = [];
  const subscription = store.client.subscribeToStream(name);
  subscription.on('data', ({ event: read }) => seen.push(Number(read?.revision)));
  await until(() => seen.length === 2);
  await store.client.deleteStream(name);
  await store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM });
  await until(() => seen.length === 3);
  expect(seen).toEqual([0, 1, 2]);
  await subscription.unsubscribe();
});
