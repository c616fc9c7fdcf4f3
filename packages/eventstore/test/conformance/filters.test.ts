import { randomUUID } from 'node:crypto';
import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  streamNameFilter,
  type Filter,
  type Position,
} from '@eventstore/db-client';
import { openStoreUnderTest, type StoreUnderTest } from '../../../../test/support/event-store';
import { givenEventStoreUrl, onlyOnOurs } from '../../../../test/support/given-event-store';
import { until } from '../../../../test/support/until';
import { watch } from '../../../../test/support/watched-subscription';

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
    store.client.subscribeToAll({ fromPosition: store.start, filter: filter as never }),
  );
  await until(() => watched.caughtUp() === 1);
  expect(watched.seen).toEqual(expected);
  await watched.stop();
});

test('system events can be excluded, which the client does by an expression', async () => {
  await store.client.setStreamMetadata(a, { maxCount: 100 });
  const watched = watch(
    store.client.subscribeToAll({ fromPosition: store.start, filter: excludeSystemEvents() }),
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
  // on a server that is given others may have written in between
  if (givenEventStoreUrl === undefined) expect(checkpoints).toHaveLength(5);
  expect(checkpoints.length).toBeGreaterThanOrEqual(5);
  const last = checkpoints.at(-1);
  if (!last) throw new Error('there are five at least');
  await watched.stop();

  const resumed = watch(
    store.client.subscribeToAll({ fromPosition: last }),
    (name) => name === stream,
  );
  await append(stream, 1);
  await until(() => resumed.seen.at(-1) === `${stream}/101`);
  // where nothing matched it is the start of a page: what was looked at may come again, without a gap
  const [first = ''] = resumed.seen;
  expect(resumed.seen).toEqual(names(stream, Number(first.split('/')[1]), 101));
  await resumed.stop();
});

test('a malformed expression ends the subscription with an error, not the server', async () => {
  const subscription = store.client.subscribeToAll({ filter: eventTypeFilter({ regex: '(' }) });
  subscription.on('data', () => undefined);
  const error = await new Promise((resolve) => subscription.once('error', resolve));
  expect(error).toMatchObject({
    type: 'unknown',
    code: 2,
    message: expect.stringContaining('Exception was thrown by handler.') as string,
  });
  await append(`after-${randomUUID()}`, 1);
});

test.each<[filter: Filter, why: string]>([
  [streamNameFilter({ regex: `^f[ab]${run}-\\d+$` }), 'stream names by expression'],
  [streamNameFilter({ regex: `\\Af[ab]${run}\\-1\\z` }), 'as .NET writes them'],
  [streamNameFilter({ regex: `(?i)^F[AB]${run.toUpperCase()}` }), 'whatever their case'],
  [eventTypeFilter({ regex: `^\\w+${run}$` }), 'event types by expression'],
])('%j picks %s', async (filter) => {
  const watched = watch(store.client.subscribeToAll({ filter, fromPosition: store.start }));
  await until(() => watched.caughtUp() === 1);
  expect(watched.seen).toEqual([...names(a, 0, 2), ...names(b, 0, 1)]);
  await watched.stop();
});

test('a filtered subscription from the end sees only what is new and matches', async () => {
  const [own, other] = [`end-${randomUUID()}`, `other-${randomUUID()}`];
  await append(own, 2);
  const filter = streamNameFilter({ prefixes: [own] });
  const watched = watch(store.client.subscribeToAll({ fromPosition: END, filter }));
  await until(() => watched.caughtUp() === 1);
  await append(other, 3);
  await append(own, 2);
  await until(() => watched.seen.length === 2);
  await append(own, 1);
  await until(() => watched.seen.length === 3);
  expect(watched.seen).toEqual(names(own, 2, 4));
  expect(watched.caughtUp()).toBe(1);
  await watched.stop();
});

test('system events pass a filter that does not exclude them', async () => {
  const stream = `meta-${randomUUID()}`;
  await append(stream, 1);
  await store.client.setStreamMetadata(stream, { maxCount: 5 });
  const filter = streamNameFilter({ prefixes: [`$$${stream}`] });
  const watched = watch(store.client.subscribeToAll({ filter, fromPosition: store.start }));
  await until(() => watched.caughtUp() === 1);
  expect(watched.seen).toEqual([`$$${stream}/0`]);
  await watched.stop();
});

test('going on from any checkpoint neither skips nor repeats a match, in history and live', async () => {
  const prefix = `resume-${randomUUID()}`;
  const [match, noise] = [`${prefix}-match`, `${prefix}-noise`];
  const start = await append(noise, 1);
  if (!start.position) throw new Error('an append of events has a position');
  const mix = async (): Promise<void> => {
    for (let i = 0; i < 20; i += 1) {
      await append(noise, i % 7);
      await append(match, 1 + (i % 3));
    }
  };
  await mix();
  const seen: string[] = [];
  const checkpoints: { readonly position: Position; readonly seen: number }[] = [];
  const filter = streamNameFilter({
    prefixes: [match],
    maxSearchWindow: 5,
    checkpointInterval: 1,
    checkpointReached: (_subscription, position) => {
      checkpoints.push({ position, seen: seen.length });
    },
  });
  const subscription = store.client.subscribeToAll({ fromPosition: start.position, filter });
  // taken one by one, so that what was handed over before a checkpoint is known when it comes
  subscription.on('data', ({ event: read }) => seen.push(`${read?.streamId}/${read?.revision}`));
  await until(() => seen.length === 39);
  await mix();
  await until(() => seen.length === 78);
  await subscription.unsubscribe();

  expect(checkpoints.length).toBeGreaterThan(20);
  expect(seen).toEqual(names(match, 0, 77));
  for (const { position, seen: handedOver } of checkpoints) {
    const resumed = watch(
      store.client.subscribeToAll({
        fromPosition: position,
        filter: streamNameFilter({ prefixes: [match] }),
      }),
    );
    await until(() => resumed.caughtUp() === 1);
    expect(resumed.seen.at(-1) ?? `${match}/77`).toBe(`${match}/77`);
    expect(resumed.seen).toEqual(seen.slice(seen.length - resumed.seen.length));
    // the client may still hold back some of what came before the checkpoint, never what comes after it
    expect(seen.length - resumed.seen.length).toBeGreaterThanOrEqual(handedOver);
    await resumed.stop();
  }
});

onlyOnOurs('it would hold up a real one')(
  'an expression that backtracks for ever ends its own subscription and delays others a moment only',
  async () => {
    const type = `${'a'.repeat(60)}!`;
    await append(`evil-${randomUUID()}`, 1, type);
    const subscription = store.client.subscribeToAll({
      filter: eventTypeFilter({ regex: '^(a+)+$' }),
    });
    subscription.on('data', () => undefined);
    const error = await new Promise((resolve) => subscription.once('error', resolve));
    expect(error).toMatchObject({ code: 2 });
    await append(`after-${randomUUID()}`, 1);
  },
);
