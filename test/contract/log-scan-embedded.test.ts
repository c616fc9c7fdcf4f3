import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { startTestEventStore } from '../support/event-store';
import { logScanContract } from './log-scan.contract';
import { plainStreams } from '../support/names';

logScanContract('embedded server', async () => {
  const store = await startTestEventStore();
  const client = openEventStore(store.server.url);
  return {
    log: eventStoreLog(client, plainStreams),
    scan: eventStoreScan(client, plainStreams),
    close: async () => {
      await closeEventStore(client);
      await store.close();
    },
  };
});
