import type { EventLog } from '../../domain/event-log';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreEventAt } from '../../infra/eventstore/event-at';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { openDatabase } from '../../infra/postgres/database';
import { originStore } from '../../projections/audit/read-model-origin';
import type { LogScan } from '../../projections/reading/log-scan';
import { requireSameLog } from '../same-log';
import type { Servers } from '../servers';

export type ReadModelAndLog = {
  readonly log: EventLog;
  readonly scan: LogScan;
  readonly db: ReturnType<typeof openDatabase>;
};

/** Lets work with the log, and with the read model that says what was ever made and keeps snapshots of it. */
export const withReadModel = async (
  servers: Servers,
  work: (both: ReadModelAndLog) => Promise<void>,
): Promise<void> => {
  const url = servers.postgresUrl();
  const client = openEventStore(servers.eventstoreUrl());
  const db = openDatabase({ url, applicationName: 'punctual-as-of', poolSize: 1 });
  const log = eventStoreLog(client, servers.names.streams);
  try {
    const deps = { log, eventAt: eventStoreEventAt(client), origin: originStore(db) };
    await requireSameLog(deps, ['other-system', 'unnamed-log', 'other-events']);
    await work({ log, db, scan: eventStoreScan(client, servers.names.streams) });
  } finally {
    await db.destroy();
    await closeEventStore(client);
  }
};
