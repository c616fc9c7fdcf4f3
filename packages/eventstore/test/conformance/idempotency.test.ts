import { randomUUID } from 'node:crypto';
import {
  ANY,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  STREAM_EXISTS,
  WrongExpectedVersionError,
  type AppendExpectedRevision,
  type AppendResult,
} from '@eventstore/db-client';
import { startEventStoreServer } from '../../server';
import { readStreamEvents } from '../../../../test/support/reading';
import {
  openStoreUnderTest,
  startStrictEventStore,
  testSchema,
  type StoreUnderTest,
} from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';

let store: StoreUnderTest;
beforeAll(async () => (store = await openStoreUnderTest()));
afterAll(async () => await store.close());

const event = () => jsonEvent({ id: randomUUID(), type: 'Happened', data: {} });
type Event = ReturnType<typeof event>;
const streamName = (): string => `idempotency-${randomUUID()}`;
const revisions = async (stream: string): Promise<number[]> =>
  (await readStreamEvents(store.client, stream)).map(({ revision }) => Number(revision));

// credentials of its own make the client use Append instead of BatchAppend
describe.each(['BatchAppend', 'Append'])('through %s', (method) => {
  const append = (
    stream: string,
    events: readonly Event[],
    expectedRevision: AppendExpectedRevision,
  ): Promise<AppendResult> =>
    store.client.appendToStream(stream, [...events], {
      ...(method === 'Append' && store.perCall),
      expectedRevision,
    });

  test.each<[AppendExpectedRevision]>([[NO_STREAM], [ANY]])(
    'a new stream’s append repeated at %s has the first answer, whatever came after it',
    async (expected) => {
      const stream = streamName();
      const events = [event(), event()];
      const first = await append(stream, events, expected);
      await append(stream, [event()], 1n);
      expect(await append(stream, events, expected)).toEqual(first);
      expect(await revisions(stream)).toEqual([0, 1, 2]);
    },
  );

  test.each<[AppendExpectedRevision]>([[1n], [ANY], [STREAM_EXISTS]])(
    'an append to a stream at 1 repeated at %s has the first answer',
    async (expected) => {
      const stream = streamName();
      await append(stream, [event(), event()], NO_STREAM);
      const events = [event(), event()];
      const first = await append(stream, events, expected);
      await append(stream, [event()], ANY);
      expect(await append(stream, events, expected)).toEqual(first);
      expect(await revisions(stream)).toEqual([0, 1, 2, 3, 4]);
    },
  );

  test('an append written at one expectation is the same append at any other that fits', async () => {
    const stream = streamName();
    const events = [event(), event()];
    const first = await append(stream, events, NO_STREAM);
    expect(await append(stream, events, ANY)).toEqual(first);
    expect(await append(stream, events, STREAM_EXISTS)).toEqual(first);
    await expect(append(stream, events, 0n)).rejects.toThrow(WrongExpectedVersionError);
    expect(await revisions(stream)).toEqual([0, 1]);
  });

  test('the first events of a longer append are an append that was made', async () => {
    const stream = streamName();
    const events = [event(), event(), event()];
    await append(stream, events, NO_STREAM);
    const { nextExpectedRevision } = await append(stream, events.slice(0, 2), NO_STREAM);
    expect(nextExpectedRevision).toBe(1n);
    const later = await append(stream, events.slice(1), 0n);
    expect(later.nextExpectedRevision).toBe(2n);
    expect(await revisions(stream)).toEqual([0, 1, 2]);
  });

  const [a, b, c] = [0, 1, 2];
  test.each`
    expected         | given               | why
    ${NO_STREAM}     | ${[a, 'new']}       | ${'one is new'}
    ${NO_STREAM}     | ${['new', a]}       | ${'the first is new'}
    ${NO_STREAM}     | ${[b, a]}           | ${'they are in another order'}
    ${NO_STREAM}     | ${[b]}              | ${'it is at another place'}
    ${NO_STREAM}     | ${[a, b, c, 'new']} | ${'they go on where the stream ends'}
    ${0n}            | ${[a, b]}           | ${'they are one place off'}
    ${0n}            | ${[b, 'new']}       | ${'one is new'}
    ${1n}            | ${[c, 'new']}       | ${'one is new'}
    ${ANY}           | ${[a, 'new']}       | ${'one is new'}
    ${ANY}           | ${[a, 'new', c]}    | ${'the middle one is new'}
    ${STREAM_EXISTS} | ${[b, 'new']}       | ${'one is new'}
  `(
    'at $expected events $given of a stream of three are refused as a whole: $why',
    async ({ expected, given }) => {
      const stream = streamName();
      const stored = [event(), event(), event()];
      await append(stream, stored, NO_STREAM);
      const events = (given as (number | 'new')[]).map((place) =>
        place === 'new' ? event() : (stored[place] ?? event()),
      );
      const refused = await append(stream, events, expected as AppendExpectedRevision).catch(
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(WrongExpectedVersionError);
      expect(refused).toMatchObject({ actualVersion: 2n });
      expect(await revisions(stream)).toEqual([0, 1, 2]);
    },
  );

  test.each<[AppendExpectedRevision]>([[ANY], [STREAM_EXISTS]])(
    'at %s an append whose first event is new is new, as on the real server',
    async (expected) => {
      const stream = streamName();
      const known = event();
      await append(stream, [known], NO_STREAM);
      await append(stream, [event(), known], expected);
      expect(await revisions(stream)).toEqual([0, 1, 2]);
    },
  );

  test('an id that another stream has is a new event: ids are compared within a stream', async () => {
    const [one, two] = [streamName(), streamName()];
    const shared = [event(), event()];
    await append(one, shared, ANY);
    await append(two, [event()], NO_STREAM);
    await append(two, shared, ANY);
    await append(two, shared, 0n);
    expect(await revisions(two)).toEqual([0, 1, 2]);
    expect(await revisions(one)).toEqual([0, 1]);
  });

  test('copies that are under way together are stored once: one is answered, the others in the end as unknown', async () => {
    const stream = streamName();
    const events = [event(), event()];
    const at = (expected: AppendExpectedRevision) =>
      Array.from({ length: 10 }, () => append(stream, events, expected));
    const answers = await Promise.allSettled([...at(NO_STREAM), ...at(ANY), ...at(NO_STREAM)]);
    const answered = answers.filter(({ status }) => status === 'fulfilled');
    expect(answered.length).toBeGreaterThan(0);
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason).toMatchObject({ type: 'deadline-exceeded' });
    expect(answers.length).toBeGreaterThan(answered.length);
    expect(await revisions(stream)).toEqual([0, 1]);
  });
});

describe('after a soft delete', () => {
  const deletedStream = async () => {
    const stream = streamName();
    const events = [event(), event()];
    const first = await store.client.appendToStream(stream, events, {
      expectedRevision: NO_STREAM,
    });
    await store.client.deleteStream(stream);
    return { stream, events, first };
  };
  const append = (stream: string, events: Event[], expectedRevision: AppendExpectedRevision) =>
    store.client.appendToStream(stream, events, { expectedRevision });

  test.each<[AppendExpectedRevision]>([[NO_STREAM], [ANY]])(
    'a repeat at %s of what was stored before is answered and does not re-create the stream',
    async (expected) => {
      const { stream, events, first } = await deletedStream();
      const again = await append(stream, events, expected);
      expect(again).toMatchObject({
        success: true,
        nextExpectedRevision: first.nextExpectedRevision,
      });
      expect(again.position).toBeUndefined(); // where it lies is no longer told
      await expect(revisions(stream)).rejects.toMatchObject({ type: 'stream-not-found' });
    },
  );

  test('a repeat of the re-creation is the same append at any revision and at the exact one', async () => {
    const { stream } = await deletedStream();
    const events = [event(), event()];
    const again = await append(stream, events, NO_STREAM);
    expect(again.nextExpectedRevision).toBe(3n);
    expect(await append(stream, events, ANY)).toEqual(again);
    expect(await append(stream, events, STREAM_EXISTS)).toEqual(again);
    expect(await append(stream, events, 1n)).toEqual(again);
    // the real server looks for them at revision 0
    await expect(append(stream, events, NO_STREAM)).rejects.toThrow(WrongExpectedVersionError);
    expect(await revisions(stream)).toEqual([2, 3]);
  });

  test('a repeat of a part of what was stored before is refused', async () => {
    const { stream, events } = await deletedStream();
    const [first = event()] = events;
    await expect(append(stream, [first, event()], NO_STREAM)).rejects.toThrow(
      WrongExpectedVersionError,
    );
  });

  test('of many that re-create it at once one wins', async () => {
    const { stream } = await deletedStream();
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => append(stream, [event()], NO_STREAM)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await revisions(stream)).toEqual([2]);
  });
});

onlyOnOurs('it is restarted')(
  'a restarted server knows the appends of before, at an exact revision, at any and at stream_exists',
  async () => {
    const first = await startStrictEventStore();
    const before = first.client;
    const [created, next, free, meta] = [[event(), event()], [event()], [event()], { owner: 'a' }];
    const write = async (client: EventStoreDBClient): Promise<readonly AppendResult[]> => [
      await client.appendToStream('s', created, { expectedRevision: NO_STREAM }),
      await client.appendToStream('s', next, { expectedRevision: 1n }),
      await client.appendToStream('s', free, { expectedRevision: ANY }),
      await client.appendToStream('other', free, { expectedRevision: ANY }),
    ];
    const answers = await write(before);
    await before.setStreamMetadata('s', meta, { expectedRevision: NO_STREAM });
    await first.server.close();

    const second = await startEventStoreServer({
      postgresUrl: first.postgresUrl,
      schema: testSchema,
      host: '127.0.0.1',
      port: 0,
      like: '23.10',
      log: () => undefined,
    });
    const after = EventStoreDBClient.connectionString(second.url);
    expect(await write(after)).toEqual(answers);
    const exists = { expectedRevision: STREAM_EXISTS } as const;
    expect(await after.appendToStream('s', free, exists)).toEqual(answers[2]);
    await expect(after.appendToStream('s', [...free, event()])).rejects.toThrow(
      WrongExpectedVersionError,
    );
    expect(await readStreamEvents(after, 's')).toHaveLength(4);
    await after.dispose();
    await second.close();
    await first.close();
  },
);
