import { startEventStoreServer } from '@punctual/eventstore';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../infra/eventstore/feed';
import { createDatabase } from '../support/postgres';
import { eventLogContract } from './event-log.contract';
import { SEARCH_WINDOW } from './opened-event-log';
import { plainStreams } from '../support/names';

eventLogContract('embedded server', async () => {
  const database = await createDatabase();
  const server = await startEventStoreServer({
    postgresUrl: database.url,
    schema: 'eventstore',
    host: '127.0.0.1',
    port: 0,
    log: () => undefined,
  });
  const client = openEventStore(server.url);
  return {
    log: eventStoreLog(client, plainStreams),
    feed: eventStoreFeed(client, plainStreams, { maxSearchWindow: SEARCH_WINDOW }),
    close: async () => {
      await closeEventStore(client);
      await server.close();
      await database.drop();
    },
  };
});
