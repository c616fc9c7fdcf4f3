import { randomUUID } from 'node:crypto';
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
import { openStoreUnderTest, type StoreUnderTest } from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';

let store: StoreUnderTest;
let client: EventStoreDBClient;
beforeAll(async () => {
  store = await openStoreUnderTest();
  ({ client } = store);
});
afterAll(async () => await store.close());

const event = () => jsonEvent({ type: 'Happened', data: { text: 'x' } });
const named = (text: string): string => `${text}-${randomUUID()}`;
type Expectation = {
  readonly expected: bigint | typeof NO_STREAM | typeof STREAM_EXISTS;
  readonly told: bigint | 'no_stream' | 'stream_exists';
  readonly isThere: boolean;
};
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const read = async (stream: string): Promise<void> => {
  for await (const _ of client.readStream(stream)) continue;
};

/** Tests with names that a real server cannot put into trailers. */
const beyondAscii = onlyOnOurs('a real one fails on it with code 2');

describe.each(['BatchAppend', 'Append'])('an append through %s', (channel) => {
  // credentials of its own take the client off its batch stream
  const own = () => (channel === 'Append' ? store.perCall : {});

  const expectConflict = async (
    stream: string,
    { expected, told, isThere }: Expectation,
  ): Promise<void> => {
    if (isThere) await client.appendToStream(stream, [event(), event()], { expectedRevision: ANY });
    const error = await errorOf(
      client.appendToStream(stream, event(), { expectedRevision: expected, ...own() }),
    );
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({
      type: 'wrong-expected-version',
      streamName: stream,
      expectedVersion: told,
      actualVersion: isThere ? 1n : 'no_stream',
    });
  };

  test.each<Expectation>([
    { expected: 3n, told: 3n, isThere: false },
    { expected: STREAM_EXISTS, told: 'stream_exists', isThere: false },
    { expected: 0n, told: 0n, isThere: true },
    { expected: 99n, told: 99n, isThere: true },
    { expected: NO_STREAM, told: 'no_stream', isThere: true },
  ])(
    'that expects $expected, with a stream there: $isThere, names the stream and both versions, for the caller decides by them',
    async (expectation) => {
      await expectConflict(named('conflict'), expectation);
    },
  );

  test('to a stream with a name beyond ASCII names it too', async () => {
    const expectation = { expected: NO_STREAM, told: 'no_stream', isThere: true } as const;
    await expectConflict(named('日本 ü%/'), expectation);
  });

  const expectGone = async (stream: string): Promise<void> => {
    await client.appendToStream(stream, event());
    await client.tombstoneStream(stream);
    for (const expectedRevision of [ANY, NO_STREAM, STREAM_EXISTS, 0n] as const) {
      const error = await errorOf(
        client.appendToStream(stream, event(), { expectedRevision, ...own() }),
      );
      expect(error).toBeInstanceOf(StreamDeletedError);
      const { streamName } = error as StreamDeletedError;
      expect(decodeURIComponent(streamName)).toBe(stream);
    }
  };

  test('to a tombstoned stream says that it is deleted, whatever it expects', async () => {
    await expectGone(named('gone for ever'));
  });

  // for this there is no message: through Append a real server has trailers only
  const testOfTrailers = channel === 'Append' ? beyondAscii : test;

  testOfTrailers('to a tombstoned stream with a name beyond ASCII says so too', async () => {
    await expectGone(named('gone für immer'));
  });

  test.each([
    { events: 1, bytes: 1024 * 1024 + 1 },
    { events: 3, bytes: 400_000 },
    { events: 9, bytes: 1_000_000 },
  ])(
    'of $events × $bytes B is too large and tells the limit; nothing of it is stored',
    async (size) => {
      const stream = named('large');
      const events = Array.from({ length: size.events }, () =>
        binaryEvent({ type: 'Large', data: Buffer.alloc(size.bytes) }),
      );
      const error = await errorOf(client.appendToStream(stream, events, own()));
      expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(error).toMatchObject({ maxAppendSize: 1024 * 1024 });
      await expect(read(stream)).rejects.toThrow(StreamNotFoundError);
      await client.appendToStream(stream, event(), own()); // the channel lives on
    },
  );

  test('of exactly the limit is stored', async () => {
    // the server counts two bytes for each character of the type
    const data = Buffer.alloc(1024 * 1024 - 2 * 'Large'.length);
    const whole = binaryEvent({ type: 'Large', data });
    const { nextExpectedRevision } = await client.appendToStream(named('full'), whole, own());
    expect(nextExpectedRevision).toBe(0n);
  });

  test('without an event type is refused, and the channel lives on', async () => {
    const stream = named('typeless');
    const error = await errorOf(
      client.appendToStream(stream, jsonEvent({ type: '', data: {} }), own()),
    );
    expect(error).toBeInstanceOf(
      channel === 'Append' ? RequiredMetadataPropertyMissingError : UnknownError,
    );
    if (channel === 'Append')
      expect(error).toMatchObject({ requiredMetadataProperties: ['type', 'content-type'] });
    await client.appendToStream(stream, event(), own());
  });

  test('of an event whose id is no UUID is refused, in the words of the real server', async () => {
    const stream = named('no-uuid');
    const odd = jsonEvent({ id: 'no UUID', type: 'Happened', data: {} });
    const error = await errorOf(client.appendToStream(stream, odd, own()));
    expect(error).toMatchObject({
      code: 2,
      message: expect.stringContaining('Exception was thrown by handler.') as string,
    });
    await expect(read(stream)).rejects.toThrow(StreamNotFoundError);
    await client.appendToStream(stream, event(), own());
  });

  test('to a stream without a name is refused', async () => {
    expect(await errorOf(client.appendToStream('', event(), own()))).toBeInstanceOf(UnknownError);
  });
});

test('failed appends among good ones: each gets its own answer', async () => {
  const mixed = named('mixed');
  await client.appendToStream(mixed, event());
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, i) =>
      i % 2 === 0
        ? await client.appendToStream(`${mixed}-${i}`, event(), { expectedRevision: NO_STREAM })
        : await errorOf(client.appendToStream(mixed, event(), { expectedRevision: 7n })),
    ),
  );
  const conflicts = answers.filter((answer) => answer instanceof WrongExpectedVersionError);
  expect(conflicts).toHaveLength(50);
});

describe.each(['deleteStream', 'tombstoneStream'] as const)('%s', (method) => {
  const expectConflict = async (stream: string): Promise<void> => {
    await client.appendToStream(stream, [event(), event()]);
    const error = await errorOf(client[method](stream, { expectedRevision: 0n }));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ expectedVersion: 0n, actualVersion: 1n });
    const { streamName } = error as WrongExpectedVersionError;
    expect(decodeURIComponent(streamName)).toBe(stream);
  };

  test('at a wrong revision names the stream and both versions', async () => {
    await expectConflict(named('at'));
  });

  beyondAscii('at a wrong revision names a stream beyond ASCII too', async () => {
    await expectConflict(named('at-ü'));
  });

  test('of a stream that should not exist but does is a conflict', async () => {
    const stream = named('existing');
    await client.appendToStream(stream, event());
    const error = await errorOf(client[method](stream, { expectedRevision: NO_STREAM }));
    expect(error).toBeInstanceOf(WrongExpectedVersionError);
    expect(error).toMatchObject({ streamName: stream, expectedVersion: -1n, actualVersion: 0n });
  });

  test('of a tombstoned stream says that it is deleted', async () => {
    const stream = named('twice');
    await client.appendToStream(stream, event());
    await client.tombstoneStream(stream);
    const error = await errorOf(client[method](stream));
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: stream });
  });
});

describe('a read', () => {
  test('of a stream that was never written says so by its name, which is not ASCII', async () => {
    const stream = named('nie geschrieben – 無');
    const error = await errorOf(read(stream));
    expect(error).toBeInstanceOf(StreamNotFoundError);
    expect(error).toMatchObject({ streamName: stream });
  });

  test('of a tombstoned stream says that it is deleted', async () => {
    const stream = named('read-gone');
    await client.appendToStream(stream, event());
    await client.tombstoneStream(stream);
    const error = await errorOf(read(stream));
    expect(error).toBeInstanceOf(StreamDeletedError);
    expect(error).toMatchObject({ streamName: stream });
  });
});

describe('what is not served is refused and never hangs', () => {
  const test = onlyOnOurs('a real one serves it');
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
