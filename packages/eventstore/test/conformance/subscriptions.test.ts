import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import {
  binaryEvent,
  END,
  EventStoreDBClient,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  StreamDeletedError,
  streamNameFilter,
  type Position,
  type ReadRevision,
  type RecordedEvent,
} from '@eventstore/db-client';
import {
  openStoreUnderTest,
  startTestEventStore,
  type StoreUnderTest,
} from '../../../../test/support/event-store';
import { onlyOnOurs } from '../../../../test/support/given-event-store';
import { readOwnEvents } from '../../../../test/support/reading';
import { until } from '../../../../test/support/until';
import { watch, type Watched } from '../../../../test/support/watched-subscription';

let store: StoreUnderTest;
beforeAll(async () => (store = await openStoreUnderTest()));
afterAll(async () => await store.close());

const run = randomUUID().slice(0, 8);
const event = (type = 'Happened') => jsonEvent({ type, data: { run } });
const append = (stream: string, count: number, type?: string) =>
  store.client.appendToStream(
    stream,
    Array.from({ length: count }, () => event(type)),
  );

const names = (stream: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${stream}/${from + i}`);

test.each`
  from              | first | why
  ${START}          | ${0}  | ${'all of it'}
  ${2n}             | ${3}  | ${'the revision is excluded: it has been seen'}
  ${END}            | ${5}  | ${'only what is yet to come'}
  ${2n ** 64n - 1n} | ${5}  | ${'the largest revision of the protocol is the end'}
`('a stream subscription from $from begins with $first: $why', async ({ from, first }) => {
  const stream = `sub-${randomUUID()}`;
  await append(stream, 5);
  const subscription = store.client.subscribeToStream(stream, { fromRevision: from as bigint });
  const watched = watch(subscription);
  await until(() => watched.caughtUp() > 0);
  await append(`other-${randomUUID()}`, 3);
  await append(stream, 2);
  await until(() => watched.seen.length >= 7 - (first as number));
  expect(watched.seen).toEqual(names(stream, first as number, 6));
  expect(watched.caughtUp()).toBe(1);
  await watched.stop();
});

test('a subscription to a stream that does not exist yet sees it begin', async () => {
  const stream = `later-${randomUUID()}`;
  const subscription = store.client.subscribeToStream(stream);
  const watched = watch(subscription);
  await once(subscription, 'confirmation');
  await append(`other-${stream}`, 1);
  expect(watched.caughtUp()).toBe(0); // said once there is something to have caught up with
  await append(stream, 2);
  await until(() => watched.caughtUp() === 1);
  expect(watched.seen).toEqual(names(stream, 0, 1));
  await watched.stop();
});

test('from the end of a stream that does not exist yet, a subscription has caught up at once', async () => {
  const stream = `later-${randomUUID()}`;
  const watched = watch(store.client.subscribeToStream(stream, { fromRevision: END }));
  await until(() => watched.caughtUp() === 1);
  await append(stream, 1);
  await until(() => watched.seen.length === 1);
  await watched.stop();
});

test('a stream subscription honours truncation and ends when the stream is tombstoned', async () => {
  const stream = `cut-${randomUUID()}`;
  await append(stream, 5);
  await store.client.setStreamMetadata(stream, { truncateBefore: 3 });
  const subscription = store.client.subscribeToStream(stream);
  const watched = watch(subscription);
  const ended = once(subscription, 'error').catch((error: unknown) => [error]);
  await until(() => watched.caughtUp() === 1);
  expect(watched.seen).toEqual(names(stream, 3, 4));
  const failure = new Promise((resolve) => subscription.once('error', resolve));
  await store.client.tombstoneStream(stream);
  expect(await failure).toBeInstanceOf(StreamDeletedError);
  await ended;
});

test('the confirmation comes first and carries an id', async () => {
  const subscription = store.client.subscribeToAll({ fromPosition: END });
  subscription.on('data', () => undefined);
  await once(subscription, 'confirmation');
  expect(subscription.id).toMatch(/^[0-9a-f-]{36}$/);
  await subscription.unsubscribe();
});

test('a subscription to all goes on after a position, from history into live', async () => {
  const stream = `all-${randomUUID()}`;
  const { position } = await append(stream, 3);
  await append(stream, 700);
  if (!position) throw new Error('an append of events has a position');
  const subscription = store.client.subscribeToAll({ fromPosition: position });
  const watched = watch(subscription, (name) => name === stream);
  await append(stream, 10);
  await until(() => watched.caughtUp() === 1);
  await append(stream, 10);
  await until(() => watched.seen.length >= 720);
  expect(watched.seen).toEqual(names(stream, 3, 722));
  await watched.stop();
});

test('many appends in many groups reach a live subscription once and in order', async () => {
  const prefix = `live-${randomUUID()}`;
  const filter = streamNameFilter({ prefixes: [prefix] });
  const watched = watch(store.client.subscribeToAll({ fromPosition: END, filter }));
  await until(() => watched.caughtUp() === 1);
  const count = 2_000;
  // no more at a time than the server holds for who is live
  for (let i = 0; i < count; i += 20) {
    await Promise.all(Array.from({ length: 20 }, (_, k) => append(`${prefix}-${i + k}`, 1)));
  }
  await until(() => watched.seen.length >= count);
  expect(new Set(watched.seen).size).toBe(count);
  expect(watched.seen).toHaveLength(count);
  await watched.stop();
});

onlyOnOurs('a real one serves it')('what is not served is unimplemented', async () => {
  const refused = await store.client
    .createPersistentSubscriptionToStream(
      's',
      'g',
      persistentSubscriptionToStreamSettingsFromDefaults(),
    )
    .catch((e: unknown) => e);
  expect(refused).toMatchObject({ code: 12 });
});

test('a subscription from beyond the end of a stream waits for what comes after that revision', async () => {
  const stream = `ahead-${randomUUID()}`;
  await append(stream, 2);
  const watched = watch(store.client.subscribeToStream(stream, { fromRevision: 3n }));
  await until(() => watched.caughtUp() === 1);
  await append(stream, 4);
  await until(() => watched.seen.length === 2);
  expect(watched.seen).toEqual(names(stream, 4, 5));
  await watched.stop();
});

test.each<[ReadRevision]>([[START], [0n]])(
  'a subscription from %s to a stream that is ended for ever fails: nothing can come',
  async (fromRevision) => {
    const stream = `ended-${randomUUID()}`;
    await append(stream, 2);
    await store.client.tombstoneStream(stream);
    const subscription = store.client.subscribeToStream(stream, { fromRevision });
    let isConfirmed = false;
    subscription.on('data', () => undefined);
    subscription.on('confirmation', () => (isConfirmed = true));
    const failure = await new Promise((resolve) => subscription.once('error', resolve));
    expect(failure).toBeInstanceOf(StreamDeletedError);
    expect(failure).toMatchObject({ streamName: stream });
    expect(isConfirmed).toBe(false);
  },
);

test('from the end of a stream that is ended for ever, a subscription has caught up, and is silent', async () => {
  const stream = `ended-${randomUUID()}`;
  await append(stream, 2);
  await store.client.tombstoneStream(stream);
  const subscription = store.client.subscribeToStream(stream, { fromRevision: END });
  const watched = watch(subscription);
  await until(() => watched.caughtUp() === 1);
  await append(`other-${stream}`, 1);
  expect(watched.seen).toEqual([]);
  await watched.stop();
});

test('an unsubscribed subscription gets nothing more, and the connection lives on', async () => {
  const stream = `stop-${randomUUID()}`;
  const watched = watch(store.client.subscribeToStream(stream, { fromRevision: END }));
  await until(() => watched.caughtUp() === 1);
  await watched.stop();
  await append(stream, 2);
  const again = watch(store.client.subscribeToStream(stream));
  await until(() => again.seen.length === 2);
  expect(watched.seen).toEqual([]);
  await again.stop();
});

test('subscriptions opened at random moments under writers see each event once, as a full read does', async () => {
  // not in strict mode, which drops readers that a busy machine makes slow
  const patient = await openStoreUnderTest({ like: undefined });
  const prefix = `seam-${randomUUID()}`;
  const streams = Array.from({ length: 4 }, (_, i) => `${prefix}-${i}`);
  const perWriter = 120;
  const filter = streamNameFilter({ prefixes: [prefix] });
  const opened: { readonly stream: string | undefined; readonly watched: Watched }[] = [];
  const clients = Array.from({ length: 2 }, () => EventStoreDBClient.connectionString(patient.url));
  let done = 0;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; n < perWriter; n += 1) {
      const batch = Array.from({ length: 1 + (n % 5) }, () => event());
      await patient.client.appendToStream(streams[(writer + n) % streams.length] ?? prefix, batch);
      done += 1;
    }
  };
  const open = async (nth: number): Promise<void> => {
    const after = Math.floor(Math.random() * 6 * perWriter * 0.9);
    await until(() => done >= after);
    const client = clients[nth % clients.length] ?? patient.client;
    const stream = nth % 2 === 0 ? undefined : streams[(nth >> 1) % streams.length];
    const subscription = stream
      ? client.subscribeToStream(stream)
      : client.subscribeToAll({ filter, fromPosition: patient.start });
    opened.push({ stream, watched: watch(subscription) });
  };
  await Promise.all([
    ...Array.from({ length: 6 }, (_, writer) => write(writer)),
    ...Array.from({ length: 16 }, (_, nth) => open(nth)),
  ]);

  const own = await readOwnEvents(patient, (name) => name.startsWith(prefix));
  const log = own.map(({ streamId, revision }) => `${streamId}/${revision}`);
  expect(log).toHaveLength(6 * 24 * 15);
  for (const { stream, watched } of opened) {
    const expected = stream ? log.filter((name) => name.startsWith(`${stream}/`)) : log;
    await until(() => watched.seen.length >= expected.length);
    expect(watched.seen).toEqual(expected);
    await watched.stop();
  }
  await Promise.all(clients.map((client) => client.dispose()));
  await patient.close();
});

onlyOnOurs('a real one drops it')(
  'a stalled stream subscription is told that it fell behind, and gets everything once it goes on',
  async () => {
    const patient = await startTestEventStore(); // not in strict mode, which drops it too
    const stream = `stalled-${randomUUID()}`;
    const client = EventStoreDBClient.connectionString(patient.server.url);
    const subscription = client.subscribeToStream(stream);
    let fellBehind = 0;
    subscription.on('fellBehind', () => (fellBehind += 1));
    const watched = watch(subscription);
    await patient.client.appendToStream(stream, event());
    // nobody takes more than this: the client's buffers fill, then those of the server
    await until(() => watched.seen.length === 1 && watched.caughtUp() === 1);
    subscription.pause();
    const data = new Uint8Array(1_000);
    const large = () => Array.from({ length: 100 }, () => binaryEvent({ type: 'Raw', data }));
    for (let i = 0; i < 30; i += 1) {
      await patient.client.appendToStream(stream, large());
      await patient.client.appendToStream(`other-${stream}`, large());
    }
    subscription.resume();
    await until(() => watched.seen.length >= 3_001);
    await patient.client.appendToStream(stream, event());
    await until(() => watched.seen.length >= 3_002);
    expect(watched.seen).toEqual(names(stream, 0, 3_001));
    expect(fellBehind).toBeGreaterThan(0);
    expect(watched.caughtUp()).toBe(1 + fellBehind);
    await watched.stop();
    await client.dispose();
    await patient.close();
  },
);

test.each(['stream', 'all'] as const)(
  'a live subscription to one %s that falls behind is dropped, and goes on from the last it saw without gap or repeat',
  async (kind) => {
    const name = `burst-${randomUUID()}`;
    const filter = streamNameFilter({ prefixes: [name] });
    const seen: string[] = [];
    let last: { readonly revision: bigint; readonly position: Position } | undefined;
    const open = () =>
      kind === 'stream'
        ? store.client.subscribeToStream(name, { fromRevision: last?.revision ?? START })
        : store.client.subscribeToAll({ filter, fromPosition: last?.position ?? store.start });
    const follow = () => {
      const subscription = open();
      subscription.on('data', ({ event: read }: { event?: RecordedEvent }) => {
        if (!read?.position) return;
        seen.push(`${read.streamId}/${read.revision}`);
        last = { revision: read.revision, position: read.position };
      });
      return subscription;
    };
    await append(name, 1);
    const first = follow();
    const dropped = once(first, 'error').catch((error: unknown) => [error]);
    await once(first, 'caughtUp');
    await append(name, 1_000);
    const failure = await new Promise((resolve) => {
      void dropped.then(([error]: readonly unknown[]) => resolve(error));
    });
    expect(failure).toMatchObject({
      code: 10,
      message: expect.stringContaining('Consumer too slow to handle event while live') as string,
    });
    expect(seen.length).toBeLessThan(1_001);
    expect(seen).toEqual(names(name, 0, seen.length - 1));
    const second = follow();
    await until(() => seen.length >= 1_001);
    expect(seen).toEqual(names(name, 0, 1_000));
    await second.unsubscribe();
  },
);
