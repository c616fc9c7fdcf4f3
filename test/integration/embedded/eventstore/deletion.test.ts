import { randomUUID } from 'node:crypto';
import {
  jsonEvent,
  NO_STREAM,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
} from '@eventstore/db-client';
import { startTestEventStore, type TestEventStore } from '../../../support/event-store';
import { readAllEvents, readStreamEvents } from './reading';

let store: TestEventStore;
beforeAll(async () => (store = await startTestEventStore()));
afterAll(async () => await store.close());

const event = () => jsonEvent({ type: 'Happened', data: {} });
const revisions = async (stream: string): Promise<number[]> =>
  (await readStreamEvents(store.client, stream)).map(({ revision }) => Number(revision));

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
  const all = await readAllEvents(store.client);
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

test('re-creation keeps what else the metadata says', async () => {
  const name = await streamOf(1);
  await store.client.setStreamMetadata(name, { maxCount: 5, owner: 'a' });
  await store.client.deleteStream(name);
  await store.client.appendToStream(name, event(), { expectedRevision: NO_STREAM });
  const { metadata } = await store.client.getStreamMetadata(name);
  expect(metadata).toEqual({ truncateBefore: 1, maxCount: 5, owner: 'a' });
});

test('deleting at the wrong revision, or what was never written, is a conflict', async () => {
  const name = await streamOf(2);
  const refused = await store.client
    .deleteStream(name, { expectedRevision: 0n })
    .catch((e: unknown) => e);
  expect(refused).toBeInstanceOf(WrongExpectedVersionError);
  expect(refused).toMatchObject({ streamName: name, expectedVersion: 0n, actualVersion: 1n });
  const never = await store.client.deleteStream('never-süß').catch((e: unknown) => e);
  expect(never).toMatchObject({
    type: 'wrong-expected-version',
    streamName: 'never-s%C3%BC%C3%9F',
    actualVersion: 'no_stream',
  });
});

test('a tombstone ends a stream for ever: appends, reads, subscriptions, metadata, deletion', async () => {
  const name = await streamOf(2);
  await store.client.tombstoneStream(name, { expectedRevision: 1n });
  const deleted = { type: 'stream-deleted', streamName: name };
  const options = { expectedRevision: NO_STREAM } as const;
  const attempts = [
    store.client.appendToStream(name, event(), options),
    store.client.appendToStream(name, event(), { credentials: { username: 'u', password: 'p' } }),
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
  const all = await readAllEvents(store.client);
  expect(all.filter(({ streamId }) => streamId === name).at(-1)).toMatchObject({
    type: '$streamDeleted',
    revision: 2n ** 63n - 1n,
  });
});

test('a stream that was never written can be tombstoned', async () => {
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
