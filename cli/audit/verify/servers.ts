import { closeEventStore, openEventStore } from '../../../infra/eventstore/client';
import { eventStoreEventAt } from '../../../infra/eventstore/event-at';
import { eventStoreLog } from '../../../infra/eventstore/event-log';
import { readNewest } from '../../../infra/eventstore/lossless-events';
import { eventStoreScan } from '../../../infra/eventstore/log-scan';
import { eventStoreSeals } from '../../../infra/eventstore/seals';
import type { BrokerAccess } from '../../../infra/nats/access';
import type { BrokerNames } from '../../../infra/nats/names';
import { openDatabase } from '../../../infra/postgres/database';
import type { VerifyDeps } from '../../../projections/audit/verify';
import { auditRows } from '../../../projections/queries/operating/audit-rows';
import { originStore } from '../../../projections/audit/read-model-origin';
import type { SealStream } from '../../../projections/reading/seal-stream';
import type { VerifyFlags } from './flags';
import { livenessOf, pacingFrom } from '../../pace';
import { requireSameLog } from '../../same-log';
import type { Servers } from '../../servers';

/** All that a verification reads. */
export type Opened = Pick<VerifyDeps, 'scan' | 'rows'> & {
  readonly seals: Pick<SealStream, 'all'>;
  /** Absent: the messages are left out. */
  readonly nats?: { readonly access: BrokerAccess; readonly names: BrokerNames };
  readonly read: ReturnType<typeof eventStoreLog>['read'];
  readonly newest: () => Promise<bigint | undefined>;
  /** @throws Error when the read model is of another system than the log */
  readonly requireSameSystem: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** @throws UsageError for a server that nobody named, or a pace that is none */
export const openToVerify = (
  servers: Servers,
  { withReadModel, withMessages, rate }: VerifyFlags,
  signal: AbortSignal,
): Opened => {
  const eventstoreUrl = servers.eventstoreUrl();
  const postgresUrl = withReadModel ? servers.postgresUrl() : undefined;
  const nats = withMessages ? servers.nats() : undefined;
  const liveness = livenessOf(servers.knownPostgresUrl());
  const pacing = pacingFrom({ rate }, liveness);
  const client = openEventStore(eventstoreUrl);
  const database =
    postgresUrl === undefined
      ? undefined
      : openDatabase({
          url: postgresUrl,
          applicationName: 'punctual-audit',
          poolSize: 1,
          statementTimeoutMs: 600_000, // the first page of a join may take a while
        });
  const { streams } = servers.names;
  const log = eventStoreLog(client, streams);
  return {
    scan: pacing.scan(eventStoreScan(client, streams)),
    seals: eventStoreSeals(client, streams),
    read: log.read,
    requireSameSystem: async () => {
      if (!database) return;
      const deps = { log, eventAt: eventStoreEventAt(client), origin: originStore(database) };
      // a read model of events that are gone is told of by its violations
      await requireSameLog(deps, ['other-system', 'unnamed-log']);
    },
    newest: async () => (await readNewest(client))?.position.commit,
    ...(database && { rows: auditRows(database, (count) => pacing.rows(count, signal)) }),
    ...(nats && { nats: { access: nats, names: servers.names.broker } }),
    close: async () => {
      await liveness.close();
      await database?.destroy();
      await closeEventStore(client);
    },
  };
};
