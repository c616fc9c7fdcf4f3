import { knex } from 'knex';
import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreTime } from '../../../infra/eventstore/server-time';
import { postgresTime } from '../../../infra/postgres/server-time';
import { startTestEventStore } from '../../support/event-store';
import { plainStreams } from '../../support/names';

// what time the servers say it is: on one machine it is ours, but for how slow that is

test('the event store tells its time in the date of an answer, to the second', async () => {
  const store = await startTestEventStore();
  const client = openEventStore(store.server.url);
  const told = await eventStoreTime(client, plainStreams)();
  expect(told?.withinMs).toBe(500);
  expect(Math.abs((told?.nowMs ?? 0) - Date.now())).toBeLessThan(60_000);
  await closeEventStore(client);
  await store.close();
});

test('Postgres tells its time to less than a millisecond', async () => {
  const store = await startTestEventStore();
  const db = knex({ client: 'pg', connection: store.postgresUrl });
  const told = await postgresTime(db)();
  expect(told?.withinMs).toBe(0);
  expect(Math.abs((told?.nowMs ?? 0) - Date.now())).toBeLessThan(60_000);
  await db.destroy();
  await store.close();
});
