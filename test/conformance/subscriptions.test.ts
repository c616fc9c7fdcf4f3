import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
  START,
  StreamDeletedError,
  streamNameFilter,
  type AllStreamSubscription,
  type Position,
  type StreamSubscription,
} from '@eventstore/db-client';
import { startTestEventStore, type TestEventStore } from '../support/event-store';
import { until } from '../support/until';

let store: TestEventStore;
beforeAll(async () => (store = await startTestEventStore()));
afterAll(async () => await store.close());

const run = randomUUID().slice(0, 8);
const event = (type = 'Happened') => jsonEvent({ type, data: { run } });
const append = (stream: string, count: number, type?: string) =>
  store.client.appendToStream(
    stream,
    Array.from({ length: count }, () => event(type)),
  );

type Watched = {
  readonly seen: string[];
  readonly caughtUp: () => number;
  readonly stop: () => Promise<void>;
};

/** Collects `stream/revision` of each event, and what else the subscription says. */
const watch = (subscription: AllStreamSubscription | StreamSubscription): Watched => {
  const seen: string[] = [];
  let caughtUp = 0;
  subscription.on('data', ({ event: read }) => {
    if (read) seen.push(`${read.streamId}/${read.revision}`);
  });
  subscription.on('caughtUp', () => (caughtUp += 1));
  return { seen, caughtUp: () => caughtUp, stop: () => subscription.unsubscribe() };
};

const names = (stream: string, from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${stream}/${from + i}`);

test.each`
  from     | first | why
  ${START} | ${0}  | ${'all of it'}
  ${2n}    | ${3}  | ${'the revision is excluded: it has been seen'}
  ${END}   | ${5}  | ${'only what is yet to come'}
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
  const watched = watch(store.client.subscribeToStream(stream));
  await until(() => watched.caughtUp() === 1);
  await append(stream, 2);
  await until(() => watched.seen.length === 2);
  expect(watched.seen).toEqual(names(stream, 0, 1));
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
  const watched = watch(store.client.subscribeToAll({ fromPosition: position }));
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
  for (let i = 0; i < count; i += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, k) => append(`${prefix}-${i + k}`, 1)));
  }
  await until(() => watched.seen.length >= count);
  expect(new Set(watched.seen).size).toBe(count);
  expect(watched.seen).toHaveLength(count);
  await watched.stop();
});

describe('filters', () => {
  const [a, b] = [`fa${run}-1`, `fb${run}-1`];
  beforeAll(async () => {
    await append(a, 3, `TypeA${run}`);
    await append(b, 2, `TypeB${run}`);
  });

  test.each`
    filter                                                      | expected                                  | why
    ${streamNameFilter({ prefixes: [`fa${run}-`] })}            | ${names(a, 0, 2)}                         | ${'stream names by prefix'}
    ${streamNameFilter({ prefixes: [`fb${run}`, `fa${run}`] })} | ${[...names(a, 0, 2), ...names(b, 0, 1)]} | ${'any of several prefixes'}
    ${eventTypeFilter({ prefixes: [`TypeB${run}`] })}           | ${names(b, 0, 1)}                         | ${'event types by prefix'}
    ${eventTypeFilter({ regex: `^Type[B]${run}$` })}            | ${names(b, 0, 1)}                         | ${'event types by expression'}
  `('$why', async ({ filter, expected }) => {
    const watched = watch(
      store.client.subscribeToAll({ fromPosition: START, filter: filter as never }),
    );
    await until(() => watched.caughtUp() === 1);
    expect(watched.seen).toEqual(expected);
    await watched.stop();
  });

  test('system events can be excluded, which the client does by an expression', async () => {
    await store.client.setStreamMetadata(a, { maxCount: 100 });
    const watched = watch(
      store.client.subscribeToAll({ fromPosition: START, filter: excludeSystemEvents() }),
    );
    await until(() => watched.caughtUp() === 1);
    expect(watched.seen).toEqual(expect.arrayContaining(names(a, 0, 2)));
    expect(watched.seen.filter((name) => name.startsWith('$'))).toEqual([]);
    await watched.stop();
  });

  test('checkpoints come each window of scanned events, also when nothing matches', async () => {
    const stream = `cp-${randomUUID()}`;
    const start = await append(stream, 1);
    await append(stream, 100);
    const checkpoints: Position[] = [];
    const filter = streamNameFilter({
      prefixes: ['matches-nothing'],
      maxSearchWindow: 10,
      checkpointInterval: 2,
      checkpointReached: (_subscription: unknown, position: Position) => {
        checkpoints.push(position);
      },
    });
    if (!start.position) throw new Error('an append of events has a position');
    const watched = watch(
      store.client.subscribeToAll({ fromPosition: start.position, filter: filter as never }),
    );
    await until(() => watched.caughtUp() === 1);
    expect(checkpoints).toHaveLength(5);
    const last = checkpoints.at(-1);
    if (!last) throw new Error('there are five');
    await watched.stop();

    const resumed = watch(store.client.subscribeToAll({ fromPosition: last }));
    await append(stream, 1);
    await until(() => resumed.seen.length === 1);
    expect(resumed.seen).toEqual([`${stream}/101`]);
    await resumed.stop();
  });

  test('a malformed expression ends the subscription with an error, not the server', async () => {
    const subscription = store.client.subscribeToAll({ filter: eventTypeFilter({ regex: '(' }) });
    subscription.on('data', () => undefined);
    const error = await new Promise((resolve) => subscription.once('error', resolve));
    expect(error).toMatchObject({ type: 'unknown' });
    await append(`after-${randomUUID()}`, 1);
  });
});

test('what is not served is unimplemented', async () => {
  const refused = await store.client
    .createPersistentSubscriptionToStream(
      's',
      'g',
      persistentSubscriptionToStreamSettingsFromDefaults(),
    )
    .catch((e: unknown) => e);
  expect(refused).toMatchObject({ code: 12 });
});
