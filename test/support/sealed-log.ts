import type { EventStoreDBClient } from '@eventstore/db-client';
import { Client } from 'pg';
import { startEventStoreServer } from '@punctual/eventstore';
import { sealCheck, type SealCheck } from '../../domain/seal/check';
import type { KeyRing } from '../../domain/seal/chain';
import type { Violation } from '../../domain/audit/violation';
import { closeEventStore, openEventStore } from '../../infra/eventstore/client';
import { eventStoreLog } from '../../infra/eventstore/event-log';
import { eventStoreScan } from '../../infra/eventstore/log-scan';
import { eventStoreSeals } from '../../infra/eventstore/seals';
import { uuids } from '../../infra/ids';
import { keyRing, logSealKey, newLogSealKey, type LogSealKey } from '../../infra/log-seal-keys';
import { sha256 } from '../../infra/sha256';
import { logSealer, type SealerDeps } from '../../processes/archiving/sealer';
import type { LogConsumer } from '../../processes/archiving/consumer';
import type { After } from '../../projections/reading/log-place';
import type { StoredBytes } from '../../projections/reading/log-scan';
import { testSchema } from './event-store';
import { silentLogger } from './processes';
import { plainStreams } from './names';

export type SealedLog = {
  readonly url: string;
  readonly client: EventStoreDBClient;
  readonly key: LogSealKey;
  readonly sealer: (changes?: Partial<SealerDeps>) => LogConsumer;
  /** Seals what is not sealed yet, in blocks of `blockEvents`. */
  readonly seal: (changes?: Partial<SealerDeps>) => Promise<void>;
  /** Stops the server, changes its table by hand, starts it again: nothing of before stays in memory. */
  readonly tamper: (...statements: readonly string[]) => Promise<void>;
  readonly rows: <T>(statement: string) => Promise<readonly T[]>;
  readonly verify: (options?: { readonly keys?: KeyRing; readonly lastSeal?: string }) => Promise<{
    readonly violations: readonly Violation[];
    readonly summary: ReturnType<SealCheck['summary']>;
  }>;
  readonly close: () => Promise<void>;
};

const sealKey = logSealKey(newLogSealKey());

/** Of the event store's own tables. */
export const storedRows = async <T>(
  postgresUrl: string,
  statement: string,
): Promise<readonly T[]> => {
  const postgres = new Client({ connectionString: postgresUrl });
  await postgres.connect();
  try {
    await postgres.query(`set search_path = ${testSchema}`);
    return (await postgres.query(statement)).rows as readonly T[]; // the caller knows its statement
  } finally {
    await postgres.end();
  }
};

/** The embedded event store on a database that is there, with all that seals its log and checks it. */
export const openSealedLog = async (
  postgresUrl: string,
  { blockEvents = 1_000 } = {},
): Promise<SealedLog> => {
  const start = () =>
    startEventStoreServer({
      ...{ postgresUrl, schema: testSchema, host: '127.0.0.1', port: 0 },
      log: () => undefined,
    });
  let server = await start();
  let client = openEventStore(server.url);
  const closeServer = async (): Promise<void> => {
    await closeEventStore(client);
    await server.close();
  };
  const rows = <T>(statement: string): Promise<readonly T[]> => storedRows(postgresUrl, statement);
  const sealer: SealedLog['sealer'] = (changes = {}) =>
    logSealer({
      seals: eventStoreSeals(client, plainStreams),
      eventLog: eventStoreLog(client, plainStreams),
      key: sealKey,
      sha256,
      clock: { now: () => Date.now() },
      ids: uuids,
      logger: silentLogger,
      metrics: { sealedBlocks: () => undefined, sealedEvents: () => undefined },
      ...changes,
    });
  const scan = (after: After) =>
    eventStoreScan(client, plainStreams)({ after }, new AbortController().signal);

  return {
    get url() {
      return server.url;
    },
    get client() {
      return client;
    },
    key: sealKey,
    sealer,
    rows,
    seal: async (changes) => {
      const consumer = sealer(changes);
      const events: StoredBytes[] = [];
      for await (const batch of scan(await consumer.position())) events.push(...batch);
      for (let at = 0; at < events.length; at += blockEvents)
        await consumer.take(events.slice(at, at + blockEvents));
    },
    tamper: async (...statements) => {
      await closeServer();
      for (const statement of statements) await rows(statement);
      server = await start();
      client = openEventStore(server.url);
    },
    verify: async ({ keys = keyRing([sealKey.publicPem]), ...options } = {}) => {
      const { seals, readAt } = await eventStoreSeals(client, plainStreams).all();
      const check = sealCheck({ seals, sealsReadAt: readAt, keys, sha256, ...options });
      for await (const batch of scan('start')) check.take(batch);
      return { violations: check.end(), summary: check.summary() };
    },
    close: closeServer,
  };
};
