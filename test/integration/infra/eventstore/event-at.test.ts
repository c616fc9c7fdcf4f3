import { START, type EventStoreDBClient } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { Duplex } from 'node:stream';
import { eventStoreEventAt } from '../../../../infra/eventstore/event-at';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import type { FeedItem } from '../../../../projections/reading/feed';
import { isInLog, type After } from '../../../../projections/reading/log-place';
import { startTestEventStore, type TestEventStore } from '../../../support/event-store';
import { newEvent } from '../../../support/new-event';
import { plainStreams } from '../../../support/names';

let store: TestEventStore;
beforeAll(async () => {
  store = await startTestEventStore();
});
afterAll(async () => {
  await store.close();
});

const appended = async () => {
  const event = newEvent();
  const answer = await eventStoreLog(store.client, plainStreams).append(
    `job-${randomUUID()}`,
    [event],
    'no-stream',
  );
  if (answer.outcome === 'conflict') throw new Error('nobody else writes there');
  return { position: answer.position, eventId: event.id };
};

test('a mark is in the log that has its event, and in no other: an older copy, or another event in the same place', async () => {
  const eventAt = eventStoreEventAt(store.client);
  const [first, second] = [await appended(), await appended()];
  expect(await eventAt(first)).toEqual(first);
  expect(await isInLog(first, eventAt)).toBe(true);
  expect(await isInLog(second, eventAt)).toBe(true);
  expect(await isInLog({ ...first, eventId: second.eventId }, eventAt)).toBe(false);
  const beyond = { position: second.position * 100n, eventId: second.eventId };
  expect(await eventAt(beyond)).toBeUndefined();
  expect(await isInLog(beyond, eventAt)).toBe(false);
  // of an earlier build, which remembers no event
  expect(await isInLog({ position: beyond.position }, eventAt)).toBe(false);
  expect(await isInLog({ position: first.position }, eventAt)).toBe(true);
});

test.each`
  after                                | asked                                  | why
  ${'start'}                           | ${START}                               | ${'nothing was seen yet'}
  ${{ position: 4_711n }}              | ${{ commit: 4_711n, prepare: 4_711n }} | ${'of an event both numbers are the same'}
  ${{ position: 4_711n, prepare: 0n }} | ${{ commit: 4_711n, prepare: 0n }}     | ${'a real server tells so where nothing matched, and wants it back'}
`(
  'a subscription is resumed with both numbers of a position: $why',
  ({ after, asked }: { after: After; asked: unknown }) => {
    const subscription = Object.assign(new Duplex({ read: () => undefined, objectMode: true }), {
      unsubscribe: () => Promise.resolve(),
    });
    const subscribeToAll = jest.fn(
      (_options: { filter: { checkpointReached: (...args: unknown[]) => void } }) => subscription,
    );
    const client = { subscribeToAll } as unknown as EventStoreDBClient; // what a feed uses of it
    const items: FeedItem[] = [];
    const following = eventStoreFeed(client, plainStreams)
      .open(after)
      .items$.subscribe((item) => items.push(item));
    const [options] = subscribeToAll.mock.calls[0] ?? [];
    expect(options).toMatchObject({ fromPosition: asked });
    const pushed: unknown[] = [];
    options?.filter.checkpointReached(
      { push: (item: unknown) => pushed.push(item) },
      { commit: 9n, prepare: 0n },
    );
    options?.filter.checkpointReached(
      { push: (item: unknown) => pushed.push(item) },
      { commit: 9n, prepare: 9n },
    );
    expect(pushed).toEqual([
      { kind: 'checkpoint', position: 9n, prepare: 0n },
      { kind: 'checkpoint', position: 9n },
    ]);
    following.unsubscribe();
  },
);
