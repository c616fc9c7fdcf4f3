import { randomUUID } from 'node:crypto';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import { startEventStoreChild } from '../../../support/event-store';
import { newEvent } from '../../../support/new-event';
import { createDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { followAcrossCuts } from './following';
import { plainStreams } from '../../../support/names';

test('kill -9 of the server under writers: every append ends, once in the log, and the feed misses nothing', async () => {
  const database = await createDatabase();
  let server = await startEventStoreChild(database.url);
  const clients = [openEventStore(server.url), openEventStore(server.url)] as const;
  // long enough for a restart on a busy machine: what is under test is that the retries end well
  const logs = clients.map((client) =>
    eventStoreLog(client, plainStreams, { deadlineMs: 80_000, tryMs: 3_000 }),
  );
  const follower = followAcrossCuts(eventStoreFeed(clients[0], plainStreams));
  const acknowledged: string[] = [];
  const failures: unknown[] = [];
  let isWriting = true;

  const write = async (writer: number): Promise<void> => {
    while (isWriting) {
      const events = [newEvent(), newEvent()];
      const stream = `job-${randomUUID()}`;
      try {
        const first = await logs[writer % 2]?.append(stream, events, 'no-stream');
        const more = newEvent();
        const second =
          first?.outcome === 'appended' && (await logs[0]?.append(stream, [more], first.revision));
        if (!second || second.outcome === 'conflict')
          throw new Error('refused, but nobody else writes here');
        acknowledged.push(...[...events, more].map(({ id }) => id));
      } catch (error) {
        failures.push(error);
      }
    }
  };
  const writing = Array.from({ length: 48 }, (_, i) => write(i));
  try {
    for (let round = 0; round < 3; round++) {
      const enough = acknowledged.length + 600;
      await until(() => acknowledged.length > enough);
      await server.kill();
      server = await startEventStoreChild(database.url, server.port);
    }
    const enough = acknowledged.length + 600;
    await until(() => acknowledged.length > enough);
    isWriting = false;
    await Promise.all(writing);
    await until(() => follower.events.length >= acknowledged.length);
  } finally {
    isWriting = false;
    follower.leave();
    await Promise.all(clients.map(closeEventStore));
    await server.kill();
    await database.drop();
  }

  expect(failures).toEqual([]);
  expect(follower.cuts()).toBeGreaterThan(0);
  const seen = follower.events.map(({ id }) => id);
  expect(new Set(seen).size).toBe(seen.length);
  expect(new Set(seen)).toEqual(new Set(acknowledged));
});
