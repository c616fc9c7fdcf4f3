import { randomUUID } from 'node:crypto';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreScan } from '../../../../infra/eventstore/log-scan';
import { readAllMessages } from '../../../../infra/eventstore/read-call';
import { startTestEventStore, type TestEventStore } from '../../../support/event-store';
import { newEvent } from '../../../support/new-event';
import { readAllEvents } from '../../../support/reading';
import { until } from '../../../support/until';
import { openCalls } from './open-calls';
import { plainStreams } from '../../../support/names';

const EVENTS = 5_000;
const LARGE_EVENTS = 12;
const LARGE_BYTES = 400_000;

let store: TestEventStore;
let client: EventStoreDBClient;
beforeAll(async () => {
  store = await startTestEventStore();
  client = openEventStore(store.server.url);
  const log = eventStoreLog(client, plainStreams);
  for (let n = 0; n < EVENTS; n += 250) {
    const events = Array.from({ length: 250 }, () => newEvent({ text: 'x'.repeat(200) }));
    await log.append(`job-${randomUUID()}`, events, 'any');
  }
  for (let n = 0; n < LARGE_EVENTS; n++)
    await log.append(`job-${randomUUID()}`, [newEvent({ text: 'x'.repeat(LARGE_BYTES) })], 'any');
});
afterAll(async () => {
  await closeEventStore(client);
  await store.close();
});

const never = new AbortController().signal;

const isOver = (): Promise<boolean> =>
  until(() => openCalls(client) === 1 && store.server.usage().calls === 1, {
    what: 'only the stream of appends is left, on either side',
  });

test.each(['break', 'throw', 'abort', 'upTo'])(
  'a scan that is left by %s ends its read on either side, and the client can be disposed of',
  async (way) => {
    const stopping = new AbortController();
    const leave = async (): Promise<void> => {
      const upTo = (await readAllEvents(store.client, { maxCount: 700 })).at(-1)?.position?.commit;
      const range = { after: 'start', ...(way === 'upTo' && upTo && { upTo }) } as const;
      for await (const batch of eventStoreScan(client, plainStreams)(range, stopping.signal)) {
        expect(batch.length).toBeLessThan(EVENTS);
        if (way === 'break') break;
        if (way === 'throw') throw new Error('it was left');
        if (way === 'abort') stopping.abort(new Error('it was left'));
      }
    };
    const left = leave();
    if (way === 'throw' || way === 'abort') await expect(left).rejects.toThrow('it was left');
    else await left;
    await isOver();
  },
);

test('a scan that is left does not cost the client its connection, which others use', async () => {
  const leave = async (): Promise<void> => {
    for await (const _ of eventStoreScan(client, plainStreams)({ after: 'start' }, never)) break;
    await isOver();
  };
  await leave();
  const { sessions } = store.server.usage();
  await leave();
  expect(store.server.usage().sessions).toBe(sessions);
});

test('a client is disposed of while a scan is under way, which then rejects', async () => {
  const other = openEventStore(store.server.url);
  const scan = eventStoreScan(other, plainStreams)({ after: 'start' }, never)[
    Symbol.asyncIterator
  ]();
  await scan.next();
  const rest = (async () => {
    while (!(await scan.next()).done);
  })();
  rest.catch(() => undefined);
  await closeEventStore(other);
  await expect(rest).rejects.toThrow();
});

test('a scan whose connection is cut rejects, as what it gave so far is not the log', async () => {
  const cut = await startTestEventStore();
  const cutClient = openEventStore(cut.server.url);
  const log = eventStoreLog(cutClient, plainStreams);
  for (let n = 0; n < LARGE_EVENTS; n++)
    await log.append(`job-${randomUUID()}`, [newEvent({ text: 'x'.repeat(LARGE_BYTES) })], 'any');
  const scan = eventStoreScan(cutClient, plainStreams)({ after: 'start' }, never)[
    Symbol.asyncIterator
  ]();
  await scan.next();
  await cut.close();
  await expect(
    (async () => {
      while (!(await scan.next()).done);
    })(),
  ).rejects.toThrow();
  await closeEventStore(cutClient);
});

test('a scan of a server that is not there rejects', async () => {
  const nowhere = openEventStore('esdb://127.0.0.1:1?tls=false');
  const scan = eventStoreScan(nowhere, plainStreams)({ after: 'start' }, never)[
    Symbol.asyncIterator
  ]();
  await expect(scan.next()).rejects.toThrow();
  await closeEventStore(nowhere);
});

test('a batch of large events is small, so that a scan takes little memory', async () => {
  const all = await readAllEvents(store.client);
  const after = all[EVENTS - 1]?.position?.commit ?? 0n;
  for await (const batch of eventStoreScan(client, plainStreams)({ after }, never))
    expect(batch.length).toBeLessThanOrEqual(4);
});

test('answers that come together are joined, for one by one they cost more than what they hold', async () => {
  let pieces = 0;
  for await (const _ of readAllMessages(client, 'start', never)) pieces += 1;
  const forLarge = Math.ceil((LARGE_EVENTS * LARGE_BYTES) / 16_000);
  expect(pieces - forLarge).toBeLessThan(EVENTS / 4);
});
