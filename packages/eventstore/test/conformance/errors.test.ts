import type { EventStoreDBClient } from '@eventstore/db-client';
import {
  AccessDeniedError,
  ANY,
  binaryEvent,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  RequiredMetadataPropertyMissingError,
  STREAM_EXISTS,
  StreamDeletedError,
  StreamNotFoundError,
  UnknownError,
  UnsupportedError,
  WrongExpectedVersionError,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
} from '@eventstore/db-client';
import { startStrictEventStore, type TestEventStore } from '../../../../test/support/event-store';

let store: TestEventStore;
let client: EventStoreDBClient;
beforeAll(async () => {
  store = await startStrictEventStore();
  ({ client } = store);
});
afterAll(async () => await store.close());

const event = () => jsonEvent({ type: 'Happened', data: { text: 'x' } });
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const read = async (stream: string): Promise<void> => {
  for await (const _ of client.readStream(stream)) continue;
};

/** Credentials of a call's own take the client off its batch stream; without users they are not checked. */
const perCall = { credentials: { username: 'somebody', password: 'secret' } };

describe.each([
  { channel: 'BatchAppend', own: {} },
  { channel: 'Append', own: perCall },
])('an append through $channel', ({ channel, own }) => {
  test.each([
    { stream: `new-${channel}`, expected: 3n, told: 3n, isThere: false },
    {
      stream: `new-${channel}`,
      expected: STREAM_EXISTS,
      told: 'stream_exists',
      isThere: false,
    },
    { stream: `two-${channel}`, expected: 0n, told: 0n, isThere: true },
    { stream: `two-${channel}`, expected: 99n, told: 99n, isThere: true },
    { stream: `two-${channel}`, expected: NO_STREAM, told: 'no_stream', isThere: true },
    { stream: `日本 ü%/${channel}`, expected: NO_STREAM, told: 'no_stream', isThere: true },
  ] as const)(
    'to $stream that expects $expected names the stream and both versions, for the caller decides by them',
    async ({ stream, expected, told, isThere }) => {
      if (isThere)
        await client.appendToStream(stream, [event(), event()], { expectedRevision: ANY });
      const actualVersion = isThere ? await lastRevision(stream) : 'no_stream';
      const error = await errorOf(
        client.appendToStream(stream, event(), { expectedRevision: expected, ...own }),
      );
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error).toMatchObject({
        type: 'wrong-expected-version',
        streamName: stream,
        expectedVersion: told,
        actualVersion,
      });
    },
  );

  test('to a tombstoned stream says that it is deleted, whatever it expects', async () => {
    const stream = `gone für immer ${channel}`;
    await client.appendToStream(stream, event());
    await client.tombstoneStream(stream);
    for (const expectedRevision of [ANY, NO_STREAM, STREAM_EXISTS, 0n] as const) {
      const error = await errorOf(
        client.appendToStream(stream, event(), { expectedRevision, ...own }),
      );
      expect(error).toBeInstanceOf(StreamDeletedError);
      const { streamName = '' } = error as StreamDeletedError;
      expect(decodeURIComponent(streamName)).toBe(stream);
    }
  });

  test.each([
    { events: 1, bytes: 1024 * 1024 + 1 },
    { events: 3, bytes: 400_000 },
    { events: 9, bytes: 1_000_000 },
  ])(
    'of $events × $bytes B is too large and tells the limit; nothing of it is stored',
    async (size) => {
      const stream = `large-${channel}-${size.events}`;
      const events = Array.from({ length: size.events }, () =>
        binaryEvent({ type: 'Large', data: Buffer.alloc(size.bytes) }),
      );
      const error = await errorOf(client.appendToStream(stream, events, own));
      expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(error).toMatchObject({ maxAppendSize: 1024 * 1024 });
      await expect(read(stream)).rejects.toThrow(StreamNotFoundError);
      await client.appendToStream(stream, event(), own); // the channel lives on
    },
  );

  test('of exactly the limit is stored', async () => {
    // the server counts two bytes for each character of the type
    const data = Buffer.alloc(1024 * 1024 - 2 * 'Large'.length);
    const whole = binaryEvent({ type: 'Large', data });
    const { nextExpectedRevision } = await client.appendToStream(`full-${channel}`, whole, own);
    expect(nextExpectedRevision).toBe(0n);
  });

  test('without an event type is refused, and the channel lives on', async () => {
    const stream = `typeless-${channel}`;
    const error = await errorOf(
      client.appendToStream(stream, jsonEvent({ type: '', data: {} }), own),
    );
    expect(error).toBeInstanceOf(
      channel === 'Append' ? RequiredMetadataPropertyMissingError : UnknownError,
    );
    if (channel === 'Append')
      expect(error).toMatchObject({ requiredMetadataProperties: ['type', 'content-type'] });
    await client.appendToStream(stream, event(), own);
  });

  test('to a stream without a name is refused', async () => {
    expect(await errorOf(client.appendToStream('', event(), own))).toBeInstanceOf(UnknownError);
  });
});

const lastRevision = async (stream: string): Promise<bigint | undefined> => {
  const backwards = { direction: 'backwards', fromRevision: 'end', maxCount: 1 } as const;
  let revision: bigint | undefined;
  // to its end: the client never closes a read that is left early
  for await (const { event: last } of client.readStream(stream, backwards))
    revision = last?.revision;
  return revision;
};

test('failed appends among good ones: each gets its own answer', async () => {
  await client.appendToStream('mixed', event());
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, i) =>
      i % 2 === 0
        ? await client.appendToStream(`mixed-${i}`, event(), { expectedRevision: NO_STREAM })
        : await errorOf(client.appendToStream('mixed', event(), { expectedRevision: 7n })),
    ),
  );
  const conflicts = answers.filter((answer) => answer instanceof WrongExpectedVersionError);
  expect(conflicts).toHaveLength(50);
});

describe.each(['deleteStream', 'tombstoneStream'] as const)('%s', (method) => {
  test('at a wrong revision names the stream and both versions', async () => {
    const stream = `${method}-at-ü`;
    await client.appendToStream(stream, [event(), event()]);
    const error = await errorOf(client[method](stream, { expectedRevision: 0n }));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ expectedVersion: 0n, actualVersion: 1n });
    const { streamName } = error as WrongExpectedVersionError;
    expect(decodeURIComponent(streamName)).toBe(stream);
  });

  test('of a stream that should not exist but does is a conflict', async () => {
    const stream = `${method}-existing`;
    await client.appendToStream(stream, event());
    const error = await errorOf(client[method](stream, { expectedRevision: NO_STREAM }));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ streamName: stream, expectedVersion: -1n, actualVersion: 0n });
  });

  test('of a tombstoned stream says that it is deleted', async () => {
    const stream = `${method}-twice`;
    await client.appendToStream(stream, event());
    await client.tombstoneStream(stream);
    const error = await errorOf(client[method](stream));
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: stream });
  });
});

describe('a read', () => {
  test('of a stream that was never written says so by its name, which is not ASCII', async () => {
    const error = await errorOf(read('nie geschrieben – 無'));
    expect(error).toBeInstanceOf(StreamNotFoundError);
    expect(error).toMatchObject({ streamName: 'nie geschrieben – 無' });
  });

  test('of a tombstoned stream says that it is deleted', async () => {
    await client.appendToStream('read-gone', event());
    await client.tombstoneStream('read-gone');
    const error = await errorOf(read('read-gone'));
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: 'read-gone' });
  });
});

describe('what is not served is refused and never hangs', () => {
  const settings = persistentSubscriptionToStreamSettingsFromDefaults();
  const toAll = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START });

  test.each<[string, () => Promise<unknown>]>([
    ['a group on a stream', () => client.createPersistentSubscriptionToStream('s', 'g', settings)],
    ['its update', () => client.updatePersistentSubscriptionToStream('s', 'g', settings)],
    ['its deletion', () => client.deletePersistentSubscriptionToStream('s', 'g')],
    ['a projection', () => client.createProjection('p', 'fromAll()')],
    ['its state', () => client.getProjectionState('p')],
    ['its enabling', () => client.enableProjection('p')],
  ])('%s is unimplemented', async (_, call) => {
    const error = await errorOf(call());
    expect(error).toBeInstanceOf(UnknownError);
    expect(error).toMatchObject({ code: 12 });
  });

  test('a group on $all asks the features first, so the client itself refuses', async () => {
    const error = await errorOf(client.createPersistentSubscriptionToAll('g', toAll));
    expect(error).toBeInstanceOf(UnsupportedError);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['list of groups', () => client.listAllPersistentSubscriptions()],
    ['info of a group', () => client.getPersistentSubscriptionToStreamInfo('s', 'g')],
    ['replay of a group', () => client.replayParkedMessagesToStream('s', 'g')],
    ['tracking projection', () => client.createProjection('p', '', { trackEmittedStreams: true })],
  ])('the %s goes to the HTTP API, which answers Not Implemented', async (_, call) => {
    const error = await errorOf(call());
    expect(error).toBeInstanceOf(UnknownError);
    expect(error).toMatchObject({ message: 'Not Implemented' });
  });

  test('a consumer of a group gets the error', async () => {
    const consumer = client.subscribeToPersistentSubscriptionToStream('s', 'g');
    const error = await new Promise((resolve) => consumer.once('error', resolve));
    expect(error).toMatchObject({ code: 12 });
    expect(error).not.toBeInstanceOf(AccessDeniedError);
  });
});
