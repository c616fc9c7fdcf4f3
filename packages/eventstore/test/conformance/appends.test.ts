import { randomUUID } from 'node:crypto';
import {
  ANY,
  binaryEvent,
  type EventData,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  UnknownError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import {
  openStoreUnderTest,
  startStrictEventStore,
  type StoreUnderTest,
} from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';
import { readOwnEvents, readStreamEvents } from '../../../../test/support/reading';

let store: StoreUnderTest;
beforeAll(async () => (store = await openStoreUnderTest()));
afterAll(async () => await store.close());

const event = (data: Record<string, unknown> = {}, id = randomUUID()) =>
  jsonEvent({ id, type: 'Happened', data, metadata: { by: 'test' } });
const stream = (): string => `appends-${randomUUID()}`;

// credentials of its own make the client use Append instead of BatchAppend
describe.each(['BatchAppend', 'Append'])('through %s', (method) => {
  const append = (name: string, events: EventData[], expectedRevision: unknown) =>
    store.client.appendToStream(name, events, {
      ...(method === 'Append' && store.perCall),
      expectedRevision: expectedRevision as bigint,
    });

  test('events get revisions from 0 and positions that grow, and come back as they were written', async () => {
    const name = stream();
    const [first, second] = [event({ n: 1, text: 'grüße 漢字' }), event({ n: 2 })];
    const result = await append(name, [first, second], NO_STREAM);
    expect(result).toMatchObject({ success: true, nextExpectedRevision: 1n });
    const read = await readStreamEvents(store.client, name);
    expect(read).toMatchObject([
      { id: first.id, revision: 0n, type: 'Happened', data: first.data, metadata: { by: 'test' } },
      { id: second.id, revision: 1n, isJson: true, position: result.position },
    ]);
    expect(Math.abs(Date.now() - Number(read[0]?.created))).toBeLessThan(60_000);
  });

  test('each expectation holds where it should', async () => {
    const name = stream();
    await append(name, [event()], ANY);
    await append(name, [event()], STREAM_EXISTS);
    await append(name, [event()], 1n);
    const { nextExpectedRevision } = await append(name, [event()], ANY);
    expect(nextExpectedRevision).toBe(3n);
  });

  test.each`
    expected     | actual | why
    ${NO_STREAM} | ${1n}  | ${'the stream exists'}
    ${0n}        | ${1n}  | ${'somebody was faster'}
    ${7n}        | ${1n}  | ${'the caller knows more than there is'}
  `('expecting $expected of a stream at 1 is a conflict: $why', async ({ expected, actual }) => {
    const name = stream();
    await append(name, [event(), event()], NO_STREAM);
    const refused = await append(name, [event()], expected).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(WrongExpectedVersionError);
    expect(refused).toMatchObject({
      streamName: name,
      expectedVersion: expected as bigint,
      actualVersion: actual as bigint,
    });
    expect(await readStreamEvents(store.client, name)).toHaveLength(2);
  });

  test.each([[STREAM_EXISTS], [0n]])(
    'expecting %s of no stream is a conflict with no actual revision',
    async (expected) => {
      const refused = await append(stream(), [event()], expected).catch((e: unknown) => e);
      expect(refused).toMatchObject({ type: 'wrong-expected-version', actualVersion: 'no_stream' });
    },
  );

  test('the same event ids at the same expected revision are the same append', async () => {
    const name = stream();
    const events = [event(), event()];
    const first = await append(name, events, NO_STREAM);
    const next = [event()];
    const second = await append(name, next, 1n);
    await append(name, [event()], 2n);
    expect(await append(name, events, NO_STREAM)).toEqual(first);
    expect(await append(name, next, 1n)).toEqual(second);
    expect(await readStreamEvents(store.client, name)).toHaveLength(4);
  });

  test('with any revision the same ids are the same append too', async () => {
    const name = stream();
    const events = [event(), event()];
    const first = await append(name, events, ANY);
    await append(name, [event()], ANY);
    expect(await append(name, events, ANY)).toEqual(first);
    expect(await readStreamEvents(store.client, name)).toHaveLength(3);
  });

  test.each([[NO_STREAM], [ANY]])(
    'at %s an append that repeats only part of an earlier one is a conflict',
    async (expected) => {
      const name = stream();
      const repeated = event();
      await append(name, [repeated], NO_STREAM);
      await expect(append(name, [repeated, event()], expected)).rejects.toThrow(
        WrongExpectedVersionError,
      );
      expect(await readStreamEvents(store.client, name)).toHaveLength(1);
    },
  );

  test('the same event id in two streams is two events: ids are unique in a stream only', async () => {
    const [one, two] = [stream(), stream()];
    const shared = event();
    await append(one, [shared], ANY);
    await append(two, [shared], ANY);
    expect(await readStreamEvents(store.client, two)).toMatchObject([{ id: shared.id }]);
  });

  test.each`
    expected         | stream    | revision
    ${ANY}           | ${'new'}  | ${undefined}
    ${NO_STREAM}     | ${'new'}  | ${undefined}
    ${STREAM_EXISTS} | ${'new'}  | ${'refused'}
    ${0n}            | ${'new'}  | ${'refused'}
    ${ANY}           | ${'at 1'} | ${1n}
    ${STREAM_EXISTS} | ${'at 1'} | ${1n}
    ${1n}            | ${'at 1'} | ${1n}
    ${0n}            | ${'at 1'} | ${'refused'}
    ${2n}            | ${'at 1'} | ${'refused'}
    ${NO_STREAM}     | ${'at 1'} | ${'refused'}
  `(
    'an append of no events at $expected to a stream that is $stream stores nothing and answers $revision',
    async ({ expected, stream: state, revision }) => {
      const name = stream();
      if (state !== 'new') await append(name, [event(), event()], NO_STREAM);
      const answer = append(name, [], expected);
      if (revision === 'refused') await expect(answer).rejects.toThrow(WrongExpectedVersionError);
      else {
        const { success, nextExpectedRevision } = await answer;
        expect(success).toBe(true);
        if (revision !== undefined) expect(nextExpectedRevision).toBe(revision);
      }
      const read = readStreamEvents(store.client, name);
      if (state === 'new') await expect(read).rejects.toMatchObject({ type: 'stream-not-found' });
      else expect(await read).toHaveLength(2);
    },
  );

  test('events that cannot all be stored are not stored at all', async () => {
    const name = stream();
    const tooBig = event({ text: 'x'.repeat(1_100_000) });
    await expect(append(name, [event(), event(), tooBig], ANY)).rejects.toMatchObject({
      type: 'maximum-append-size-exceeded',
      maxAppendSize: 1_048_576,
    });
    await append(name, [event()], NO_STREAM);
  });

  test('names, types, data and metadata of any script come back as they were', async () => {
    const name = `größe-漢字-🚀 /?#%-${randomUUID()}`;
    const type = 'Übergang-変更-🎉';
    const data = { 'schlüssel-键': 'wert-值-🧪', nested: [null, true, 1.5, { a: '\u0000' }] };
    const sent = jsonEvent({ type, data, metadata: { größe: '漢字' } });
    await append(name, [sent], NO_STREAM);
    const [read] = await readStreamEvents(store.client, name);
    expect(read).toMatchObject({ streamId: name, type, data, metadata: { größe: '漢字' } });
    await expect(append(name, [event()], NO_STREAM)).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: 0n,
    });
  });

  test('an event without metadata has none', async () => {
    const name = stream();
    await append(name, [jsonEvent({ type: 'Bare', data: 'text only' })], NO_STREAM);
    const [read] = await readStreamEvents(store.client, name);
    expect(read).toMatchObject({ data: 'text only', isJson: true });
    expect(read?.metadata).toBeUndefined();
  });

  test('two events with one id in one append are two events', async () => {
    const name = stream();
    const twice = event();
    await append(name, [twice, twice], NO_STREAM);
    expect(await readStreamEvents(store.client, name)).toMatchObject([
      { id: twice.id, revision: 0n },
      { id: twice.id, revision: 1n },
    ]);
  });

  test('a thousand events of one append stand together in the log', async () => {
    const name = stream();
    const others = Array.from({ length: 20 }, () => append(stream(), [event()], NO_STREAM));
    const events = Array.from({ length: 1_000 }, (_, n) => event({ n }));
    const { nextExpectedRevision, position } = await append(name, events, NO_STREAM);
    await Promise.all(others);
    expect(nextExpectedRevision).toBe(999n);
    const log = await readOwnEvents(store, () => true);
    const own = log.flatMap(({ streamId }, i) => (streamId === name ? [i] : []));
    expect(own).toHaveLength(1_000);
    expect((own.at(-1) ?? 0) - (own[0] ?? 0)).toBe(999);
    expect(log[own.at(-1) ?? 0]?.position).toEqual(position);
  });

  test('one event of 1 MB is stored, more than 1 MiB is refused by name', async () => {
    const name = stream();
    await append(name, [event({ text: 'x'.repeat(1_000_000) })], NO_STREAM);
    await expect(append(name, [event({ text: 'x'.repeat(1_100_000) })], ANY)).rejects.toThrow(
      MaxAppendSizeExceededError,
    );
    expect(await readStreamEvents(store.client, name)).toHaveLength(1);
  });

  onlyOnOurs('its limit is its own')(
    'a server that is set to take less refuses what is larger, and tells its limit',
    async () => {
      const small = await startStrictEventStore({ maxAppendBytes: 16_384 });
      const name = stream();
      const write = (length: number) =>
        small.client.appendToStream(name, event({ text: 'x'.repeat(length) }), {
          ...(method === 'Append' && { credentials: { username: 'u', password: 'p' } }),
        });
      await write(16_000);
      const error = await write(16_400).catch((failure: unknown) => failure);
      expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(error).toMatchObject({ maxAppendSize: 16_384 });
      expect(await readStreamEvents(small.client, name)).toHaveLength(1);
      await small.close();
    },
  );

  onlyOnOurs('a real one takes any name').each`
    name                 | why
    ${'a'.repeat(3_000)} | ${'an index entry could not hold the name'}
    ${'nul\0nul'}        | ${'Postgres text has no NUL'}
  `('a stream name is refused, and others go on: $why', async ({ name }) => {
    const good = append(stream(), [event()], NO_STREAM);
    const refused = await append(name as string, [event()], NO_STREAM).catch((e: unknown) => e);
    expect(refused).toBeInstanceOf(UnknownError);
    await expect(good).resolves.toMatchObject({ success: true });
  });
});

test('binary events and binary metadata come back byte for byte', async () => {
  const name = stream();
  const data = Uint8Array.from({ length: 256 }, (_, i) => i);
  const metadata = Uint8Array.from([255, 0, 254]);
  await store.client.appendToStream(name, binaryEvent({ type: 'Raw', data, metadata }));
  const [read] = await readStreamEvents(store.client, name);
  expect(read?.isJson).toBe(false);
  expect(Buffer.from(read?.data as Uint8Array)).toEqual(Buffer.from(data));
  expect(Buffer.from(read?.metadata as Uint8Array)).toEqual(Buffer.from(metadata));
});

test('JSON and binary events and metadata mix in one append', async () => {
  const name = stream();
  const bytes = Uint8Array.from([0, 255, 123]);
  await store.client.appendToStream(name, [
    jsonEvent({ type: 'A', data: { a: 1 }, metadata: bytes }),
    binaryEvent({ type: 'B', data: bytes, metadata: { b: 2 } }),
    binaryEvent({ type: 'C', data: new Uint8Array(0) }),
  ]);
  const [a, b, c] = await readStreamEvents(store.client, name);
  expect(a).toMatchObject({ isJson: true, data: { a: 1 } });
  expect(Buffer.from(a?.metadata as Uint8Array)).toEqual(Buffer.from(bytes));
  expect(b).toMatchObject({ isJson: false, metadata: { b: 2 } });
  expect(c).toMatchObject({ isJson: false });
  expect(c?.data).toHaveLength(0);
});

test('an append whose deadline has passed is not stored, one within it is', async () => {
  const name = stream();
  const many = Array.from({ length: 5_000 }, () => event({ text: 'x'.repeat(80) }));
  const late = store.client.appendToStream(name, many, { deadline: 1, batchAppendSize: 20_000 });
  await expect(late).rejects.toMatchObject({ type: 'deadline-exceeded' });
  await store.client.appendToStream(name, event(), {
    deadline: 20_000,
    expectedRevision: NO_STREAM,
  });
});

test('an append that the client splits into several messages is stored as one', async () => {
  const name = stream();
  const events = Array.from({ length: 40 }, () => event({ text: 'x'.repeat(1_000) }));
  const result = await store.client.appendToStream(name, events, {
    expectedRevision: NO_STREAM,
    batchAppendSize: 5_000,
  });
  expect(result.nextExpectedRevision).toBe(39n);
  const read = await readStreamEvents(store.client, name);
  expect(read.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
});

test('of many writers that race for one new stream exactly one wins', async () => {
  const name = stream();
  const results = await Promise.allSettled(
    Array.from({ length: 50 }, () =>
      store.client.appendToStream(name, [event(), event()], { expectedRevision: NO_STREAM }),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await readStreamEvents(store.client, name)).toHaveLength(2);
});

test('appends that do not wait for each other keep their order in the stream', async () => {
  const name = stream();
  const events = Array.from({ length: 200 }, (_, n) => event({ n }));
  await Promise.all(events.map((e) => store.client.appendToStream(name, e)));
  const read = await readStreamEvents(store.client, name);
  expect(read.map(({ id }) => id)).toEqual(events.map(({ id }) => id));
});

test('positions in the log grow strictly and agree with the order in each stream', async () => {
  const streams = Array.from({ length: 5 }, stream);
  await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      store.client.appendToStream(streams[i % 5] ?? '', [event(), event()]),
    ),
  );
  const all = await readOwnEvents(store, (name) => streams.includes(name));
  const positions = all.map(({ position }) => position?.commit ?? -1n);
  expect(positions.every((p, i) => i === 0 || p > (positions[i - 1] ?? p))).toBe(true);
  for (const name of streams) {
    const own = all.filter(({ streamId }) => streamId === name);
    expect(own.map(({ revision }) => Number(revision))).toEqual([...own.keys()]);
    const read = await readStreamEvents(store.client, name);
    expect(own.map(({ id }) => id)).toEqual(read.map(({ id }) => id));
  }
});
