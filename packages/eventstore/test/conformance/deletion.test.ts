import { randomUUID } from 'node:crypto';
import {
  jsonEvent,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type DeleteStreamOptions,
} from '@eventstore/db-client';
import { openStoreUnderTest, type StoreUnderTest } from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';
import { readOwnEvents, readStreamEvents } from '../../../../test/support/reading';

let store: StoreUnderTest;
beforeAll(async () => (store = await openStoreUnderTest()));
afterAll(async () => await store.close());

const event = () => jsonEvent({ type: 'Happened', data: {} });
/** What the log has of a stream and of its metadata. */
const logOf = (name: string) =>
  readOwnEvents(store, (stream) => stream === name || stream === `$$${name}`);
const revisions = async (stream: string): Promise<number[]> =>
  (await readStreamEvents(store.client, stream)).map(({ revision }) => Number(revision));

type DeleteExpectedRevision = NonNullable<DeleteStreamOptions['expectedRevision']>;

const streamOf = async (events: number): Promise<string> => {
  const name = `deletion-${randomUUID()}`;
  await store.client.appendToStream(name, Array.from({ length: events }, event));
  return name;
};

test('a deleted stream is not found, but its events stay in the log', async () => {
  const name = await streamOf(3);
  const { position } = await store.client.deleteStream(name, { expectedRevision: 2n });
  expect(position?.commit).toBeGreaterThan(0n);
  await expect(revisions(name)).rejects.toThrow(StreamNotFoundError);
  const all = await logOf(name);
  expect(all.filter(({ streamId }) => streamId === name)).toHaveLength(3);
  expect(all.at(-1)).toMatchObject({ streamId: `$$${name}`, type: '$metadata' });
});

test.each<[AppendExpectedRevision]>([[NO_STREAM], ['any'], [2n]])(
  'a deleted stream can be re-created at %s; revisions go on and only the new events show',
  async (expectedRevision) => {
    const name = await streamOf(3);
    await store.client.deleteStream(name);
    const again = await store.client.appendToStream(name, [event(), event()], { expectedRevision });
    expect(again.nextExpectedRevision).toBe(4n);
    expect(await revisions(name)).toEqual([3, 4]);
    await store.client.appendToStream(name, event(), { expectedRevision: 4n });
    expect(await revisions(name)).toEqual([3, 4, 5]);
  },
);

test('a soft delete leaves metadata that says nothing else; re-creation keeps what is there', async () => {
  const name = await streamOf(1);
  await store.client.setStreamMetadata(name, { maxCount: 5, owner: 'a' });
  await store.client.deleteStream(name);
  const [last] = await readStreamEvents(store.client, `$$${name}`, {
    direction: 'backwards',
    fromRevision: 'end',
    maxCount: 1,
  });
  expect(Object.keys(last?.data ?? {})).toEqual(['$tb']);
  await store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM });
  const { metadata } = await store.client.getStreamMetadata(name);
  expect(metadata).toEqual({ truncateBefore: 1 });
});

test('metadata that hides all is a soft delete too, and re-creation keeps the rest of it', async () => {
  const name = await streamOf(2);
  // 2^63-1 marks a deleted stream; this is the number of JS that is nearest to it
  await store.client.setStreamMetadata(name, { truncateBefore: 2 ** 63, maxCount: 3, owner: 'a' });
  await expect(revisions(name)).rejects.toThrow(StreamNotFoundError);
  await store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM });
  const { metadata } = await store.client.getStreamMetadata(name);
  expect(metadata).toEqual({ truncateBefore: 2, maxCount: 3, owner: 'a' });
  expect(await revisions(name)).toEqual([2]);
});

test('a re-creation stands in the log with its events first, then the metadata that lets them show', async () => {
  const name = await streamOf(2);
  await store.client.deleteStream(name);
  await store.client.appendToStream(name, [event(), event()], { expectedRevision: NO_STREAM });
  const all = await logOf(name);
  expect(all.slice(-3).map(({ streamId }) => streamId)).toEqual([name, name, `$$${name}`]);
});

test.each<[AppendExpectedRevision]>([[STREAM_EXISTS], [0n], [5n]])(
  'a deleted stream of three is not written to at %s',
  async (expectedRevision) => {
    const name = await streamOf(3);
    await store.client.deleteStream(name);
    const refused = await store.client
      .appendToStream(name, event(), { expectedRevision })
      .catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(
      expectedRevision === STREAM_EXISTS ? StreamDeletedError : WrongExpectedVersionError,
    );
    await expect(revisions(name)).rejects.toThrow(StreamNotFoundError);
  },
);

test('a stream is re-created, deleted and re-created again, and its revisions never start over', async () => {
  const name = await streamOf(2);
  for (const first of [2, 3, 4]) {
    await store.client.deleteStream(name);
    await store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM });
    expect(await revisions(name)).toEqual([first]);
    await expect(
      store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM }),
    ).rejects.toThrow(WrongExpectedVersionError);
  }
});

test.each<[DeleteExpectedRevision]>([['any'], [NO_STREAM], [2n]])(
  'deleting a deleted stream at %s succeeds again, as it counts as both',
  async (expectedRevision) => {
    const name = await streamOf(3);
    await store.client.deleteStream(name);
    await store.client.deleteStream(name, { expectedRevision });
    await expect(revisions(name)).rejects.toThrow(StreamNotFoundError);
    const again = await store.client.appendToStream(name, event(), { expectedRevision: 2n });
    expect(again.nextExpectedRevision).toBe(3n);
  },
);

test.each<[DeleteExpectedRevision]>([[NO_STREAM], [1n], [9n]])(
  'neither deletes nor ends a stream of three at %s',
  async (expectedRevision) => {
    const name = await streamOf(3);
    for (const attempt of [
      () => store.client.deleteStream(name, { expectedRevision }),
      () => store.client.tombstoneStream(name, { expectedRevision }),
    ])
      await expect(attempt()).rejects.toMatchObject({
        type: 'wrong-expected-version',
        streamName: name,
        actualVersion: 2n,
      });
    expect(await revisions(name)).toEqual([0, 1, 2]);
  },
);

test.each<[DeleteExpectedRevision]>([['any'], [NO_STREAM], [0n]])(
  'what was never written is not deleted at %s',
  async (expectedRevision) => {
    const name = `never-${randomUUID()}`;
    await expect(store.client.deleteStream(name, { expectedRevision })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: -1n,
    });
  },
);

test('a stream that has only metadata exists: it can be deleted, and written to at stream_exists', async () => {
  const [one, two] = [`implicit-${randomUUID()}`, `implicit-${randomUUID()}`];
  await store.client.setStreamMetadata(one, { cacheControl: 10 });
  await store.client.deleteStream(one, { expectedRevision: NO_STREAM });
  const created = await store.client.appendToStream(one, event(), { expectedRevision: NO_STREAM });
  expect(created.nextExpectedRevision).toBe(0n);
  expect(await revisions(one)).toEqual([0]);
  await store.client.setStreamMetadata(two, { cacheControl: 10 });
  await store.client.appendToStream(two, event(), { expectedRevision: STREAM_EXISTS });
  expect(await revisions(two)).toEqual([0]);
});

test('metadata set on a deleted stream lets it be again, empty, and is kept', async () => {
  const name = await streamOf(3);
  await store.client.deleteStream(name);
  const set = await store.client.setStreamMetadata(name, { owner: 'a' });
  expect(set.nextExpectedRevision).toBe(1n);
  const { metadata } = await store.client.getStreamMetadata(name);
  expect(metadata).toEqual({ truncateBefore: 3, owner: 'a' });
  await store.client.appendToStream(name, event(), { expectedRevision: STREAM_EXISTS });
  expect(await revisions(name)).toEqual([3]);
});

test('deleting at the wrong revision, or what was never written, is a conflict', async () => {
  const name = await streamOf(2);
  const refused = await store.client
    .deleteStream(name, { expectedRevision: 0n })
    .catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(WrongExpectedVersionError);
  expect(refused).toMatchObject({ streamName: name, expectedVersion: 0n, actualVersion: 1n });
  const never = `never-${randomUUID()}`;
  await expect(store.client.deleteStream(never)).rejects.toMatchObject({
    type: 'wrong-expected-version',
    streamName: never,
    actualVersion: -1n,
  });
});

onlyOnOurs('a real one fails on it with code 2')(
  'a conflict of a deletion tells a name beyond ASCII percent-encoded, for trailers are ASCII',
  async () => {
    await expect(store.client.deleteStream('never-süß')).rejects.toMatchObject({
      type: 'wrong-expected-version',
      streamName: 'never-s%C3%BC%C3%9F',
    });
  },
);

test('a tombstone ends a stream for ever: appends, reads, subscriptions, metadata, deletion', async () => {
  const name = await streamOf(2);
  await store.client.tombstoneStream(name, { expectedRevision: 1n });
  const deleted = { type: 'stream-deleted', streamName: name };
  const options = { expectedRevision: NO_STREAM } as const;
  const attempts = [
    store.client.appendToStream(name, event(), options),
    store.client.appendToStream(name, event(), store.perCall),
    readStreamEvents(store.client, name),
    store.client.setStreamMetadata(name, { maxCount: 1 }),
    store.client.deleteStream(name),
    store.client.tombstoneStream(name),
  ];
  for (const attempt of attempts) {
    const refused = await attempt.catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(StreamDeletedError);
    expect(refused).toMatchObject({
      ...deleted,
      streamName: expect.stringContaining(name) as string,
    });
  }
  expect((await logOf(name)).at(-1)).toMatchObject({
    streamId: name,
    type: '$streamDeleted',
    revision: 2n ** 63n - 1n,
  });
});

test.each<[DeleteExpectedRevision]>([['any'], [NO_STREAM]])(
  'a stream that was never written can be tombstoned at %s',
  async (expectedRevision) => {
    const name = `never-${randomUUID()}`;
    await store.client.tombstoneStream(name, { expectedRevision });
    for (const attempt of [
      () => store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM }),
      () => store.client.appendToStream(`$$${name}`, event()),
      () => store.client.tombstoneStream(`$$${name}`),
    ])
      await expect(attempt()).rejects.toThrow(StreamDeletedError);
  },
);

test('a deleted stream can be tombstoned, which is final', async () => {
  const name = await streamOf(2);
  await store.client.deleteStream(name);
  await store.client.tombstoneStream(name);
  await expect(
    store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM }),
  ).rejects.toThrow(StreamDeletedError);
  await expect(revisions(name)).rejects.toThrow(StreamDeletedError);
});

test('metadata is written at an expected revision of its own stream', async () => {
  const name = `meta-${randomUUID()}`;
  const set = (maxCount: number, expectedRevision: AppendExpectedRevision) =>
    store.client.setStreamMetadata(name, { maxCount }, { expectedRevision });
  await expect(set(1, STREAM_EXISTS)).rejects.toThrow(WrongExpectedVersionError);
  expect(await set(1, NO_STREAM)).toMatchObject({ nextExpectedRevision: 0n });
  await expect(set(2, NO_STREAM)).rejects.toThrow(WrongExpectedVersionError);
  expect(await set(2, 0n)).toMatchObject({ nextExpectedRevision: 1n });
  await expect(set(3, 0n)).rejects.toThrow(WrongExpectedVersionError);
  expect(await set(3, STREAM_EXISTS)).toMatchObject({ nextExpectedRevision: 2n });
  expect(await store.client.getStreamMetadata(name)).toMatchObject({ metadata: { maxCount: 3 } });
});

test('the newest event of a metastream is the metadata, whatever its type; no JSON is no metadata', async () => {
  const name = await streamOf(5);
  await store.client.appendToStream(`$$${name}`, jsonEvent({ type: 'any', data: { $tb: 3 } }));
  await store.client.appendToStream(name, event(), { expectedRevision: 4n });
  expect(await revisions(name)).toEqual([3, 4, 5]);
});

test('a stream that was never written can be tombstoned once', async () => {
  const name = `never-${randomUUID()}`;
  await store.client.tombstoneStream(name);
  await expect(store.client.appendToStream(name, event())).rejects.toThrow(StreamDeletedError);
});

test('metadata is stored, read back and honoured by reads', async () => {
  const name = await streamOf(10);
  expect(await store.client.getStreamMetadata(name)).toEqual({ streamName: name });
  await store.client.setStreamMetadata(name, { truncateBefore: 4, custom: { a: [1] } });
  expect(await revisions(name)).toEqual([4, 5, 6, 7, 8, 9]);
  await store.client.setStreamMetadata(name, { maxCount: 3 });
  expect(await revisions(name)).toEqual([7, 8, 9]);
  const backwards = await readStreamEvents(store.client, name, {
    direction: 'backwards',
    fromRevision: 'end',
  });
  expect(backwards.map(({ revision }) => Number(revision))).toEqual([9, 8, 7]);
  expect(await store.client.getStreamMetadata(name)).toMatchObject({ metadata: { maxCount: 3 } });
  expect(await readStreamEvents(store.client, `$$${name}`)).toHaveLength(1);
});
