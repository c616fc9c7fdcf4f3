import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { startTestEventStore } from '../support/event-store';
import { logScanContract } from './log-scan.contract';

logScanContract('embedded server', async () => {
  const store = await startTestEventStore();
  const client = openEventStore(store.server.url);
  return {
    log: eventStoreLog(client),
    scan: eventStoreScan(client),
    close: async () => {
      await closeEventStore(client);
      await store.close();
    },
  };
});
