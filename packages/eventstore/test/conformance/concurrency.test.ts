import { randomUUID } from 'node:crypto';
import {
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  START,
  StreamDeletedError,
  type AllStreamRecordedEvent,
  type AllStreamSubscription,
  type Position,
} from '@eventstore/db-client';
import { startEventStoreServer } from '../../server';
import {
  openStoreUnderTest,
  startEventStoreChild,
  startStrictEventStore,
  testSchema,
  usageOf,
} from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';
import { createDatabase } from '../../../../test/support/postgres';
import { isRising, isServersOwn, readAllEvents } from '../../../../test/support/reading';
import { until } from '../../../../test/support/until';

const event = (data: Record<string, unknown>) => jsonEvent({ type: 'Happened', data });

/** The log after a position; begins again behind the last that it saw when it was too slow, as the server asks for. */
const followAll = (
  client: EventStoreDBClient,
  start: Position,
  take: (event: AllStreamRecordedEvent) => void,
) => {
  let last = start;
  const open = (): AllStreamSubscription => {
    const subscription = client.subscribeToAll({ fromPosition: last });
    subscription.on('data', ({ event: read }) => {
      if (!read) return;
      last = read.position;
      take(read);
    });
    subscription.once('error', (error: unknown) => {
      if ((error as { readonly code?: unknown }).code === 10) current = open(); // a gRPC error has one
    });
    return subscription;
  };
  let current = open();
  return { stop: () => current.unsubscribe() };
};

test('12 writers and a subscriber that starts among them: every event once, in order', async () => {
  const store = await openStoreUnderTest();
  const run = randomUUID();
  const writers = 12;
  const appendsEach = 425;
  const eventsEach = 4;
  const total = writers * appendsEach * eventsEach;
  const acknowledged = new Map<string, bigint>();
  const seen: { readonly key: string; readonly position: bigint }[] = [];
  let done = 0;

  const write = async (writer: number): Promise<void> => {
    for (let n = 0; n < appendsEach; n += 1) {
      // some streams are shared, so that writers also queue behind each other
      const stream = n % 3 === 0 ? `shared-${n % 7}-${run}` : `own-${writer}-${n}-${run}`;
      const events = Array.from({ length: eventsEach }, (_, part) => event({ writer, n, part }));
      const { position } = await store.client.appendToStream(stream, events);
      acknowledged.set(events.at(-1)?.id ?? '', position?.commit ?? -1n);
      done += 1;
    }
  };
  const writing = Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));

  await until(() => done > 500);
  const reader = EventStoreDBClient.connectionString(store.url);
  const followed = followAll(reader, store.start, (read) => {
    if (read.streamId.endsWith(run)) seen.push({ key: read.id, position: read.position.commit });
  });
  await writing;
  await until(() => seen.length >= total);
  await followed.stop();
  await reader.dispose();
  await store.close();

  expect(seen).toHaveLength(total);
  expect(new Set(seen.map(({ key }) => key)).size).toBe(total);
  const outOfOrder = seen.filter(({ position }, i) => position <= (seen[i - 1]?.position ?? -1n));
  expect(outOfOrder).toEqual([]);
  const positions = new Map(seen.map(({ key, position }) => [key, position]));
  const moved = [...acknowledged].filter(([key, position]) => positions.get(key) !== position);
  expect(moved).toEqual([]);
});

onlyOnOurs('it is restarted')(
  'appends that expect no stream, sent together to a restarted server, each have the answer of their own stream',
  async () => {
    const first = await startStrictEventStore();
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    const stored = numbers.map((n) => event({ n }));
    const at = { expectedRevision: NO_STREAM } as const;
    const before = await Promise.all(
      stored.map((e, n) => first.client.appendToStream(`old-${n}`, e, at)),
    );
    await first.client.tombstoneStream('ended');
    await first.client.appendToStream('ended-late', event({}));
    await first.client.tombstoneStream('ended-late');
    await first.client.setStreamMetadata('described', { owner: 'a' });
    await first.client.appendToStream('hidden', event({}));
    await first.client.deleteStream('hidden');
    await first.client.setStreamMetadata('hidden-empty', { truncateBefore: 2 ** 63 });
    await first.server.close();

    const second = await startEventStoreServer({
      postgresUrl: first.postgresUrl,
      schema: testSchema,
      host: '127.0.0.1',
      port: 0,
      like: '23.10',
      log: () => undefined,
    });
    const client = EventStoreDBClient.connectionString(second.url);
    const append = (stream: string, e = event({})) => client.appendToStream(stream, e, at);
    await append('first'); // the client reorders calls until it has learned what the server can do
    const [fresh, repeated, taken, ended, described, hidden, late] = await Promise.all([
      Promise.all(numbers.map((n) => append(`new-${n}`))),
      Promise.all(stored.map((e, n) => append(`old-${n}`, e))),
      Promise.allSettled(numbers.map((n) => append(`old-${n}`))),
      Promise.allSettled([append('ended'), append('ended-late')]),
      append('described'),
      Promise.all([append('hidden'), append('hidden-empty')]),
      // in the same moment, behind an append that takes the stream for new
      Promise.allSettled(numbers.map((n) => append(`new-${n}`))),
    ]);
    expect(fresh.map(({ nextExpectedRevision }) => nextExpectedRevision)).toEqual(
      numbers.map(() => 0n),
    );
    expect(repeated).toEqual(before);
    for (const { length, ...refused } of [taken, late])
      expect(Object.values(refused)).toEqual(
        Array.from({ length }, () => ({
          status: 'rejected',
          reason: expect.objectContaining({
            type: 'wrong-expected-version',
            actualVersion: 0n,
          }) as unknown,
        })),
      );
    expect(
      ended.map((e) => e.status === 'rejected' && e.reason instanceof StreamDeletedError),
    ).toEqual([true, true]);
    expect(described.nextExpectedRevision).toBe(0n);
    expect(hidden.map(({ nextExpectedRevision }) => nextExpectedRevision)).toEqual([1n, 0n]);
    expect((await client.getStreamMetadata('hidden-empty')).metadata).toEqual({
      truncateBefore: 0,
    });

    const log = await readAllEvents(client);
    expect(isRising(log.map(({ position }) => position?.commit))).toBe(true);
    await client.dispose();
    await second.close();
    await first.close();
  },
);

onlyOnOurs('a real one drops it')(
  'a stalled subscriber delays no append, costs the server no memory, and gets everything once it goes on',
  async () => {
    const database = await createDatabase();
    const child = await startEventStoreChild(database.url);
    const client = EventStoreDBClient.connectionString(child.url);
    const data = new Uint8Array(8_000);
    const batch = () => Array.from({ length: 10 }, () => binaryEvent({ type: 'Raw', data }));
    const slow = EventStoreDBClient.connectionString(child.url);
    const subscription = slow.subscribeToAll({ fromPosition: START });
    const before = 10;
    for (let i = 0; i < before; i += 1) await client.appendToStream('stall', batch());

    // nobody reads `subscription`: its buffers fill, then the server must wait while 80 MB pass it by
    const appends = 1_000;
    let next = 0;
    const writer = async (): Promise<void> => {
      while (next++ < appends) await client.appendToStream(`stall-${next}`, batch());
    };
    await Promise.all(Array.from({ length: 8 }, writer));
    // 32 MB of newest events, and room for what waits for the garbage collector
    await until(async () => (await usageOf(child)).buffersMb < 75, {
      what: 'the server holds less than what the subscriber has missed',
    });

    const total = (before + appends) * 10;
    const positions: bigint[] = [];
    for await (const { event: read } of subscription) {
      if (read && !isServersOwn(read.streamId)) positions.push(read.position.commit);
      if (positions.length === total) break;
    }
    expect(isRising(positions)).toBe(true);
    await Promise.all([client.dispose(), slow.dispose()]);
    await child.kill();
    await database.drop();
  },
  60_000,
);
