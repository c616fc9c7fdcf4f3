import { randomUUID } from 'node:crypto';
import { failureLog } from './core/failure-log';
import { memoryTail } from './core/tail';
import type { Log } from './core/log';
import { startWriter } from './core/writer';
import { routesOf } from './handlers/routes';
import { openReader } from './store/postgres-reader';
import { openWriterSession } from './store/postgres-writer';
import { listenHttp2 } from './transport/http2-server';

/** Newest events kept in memory for live subscriptions. */
const tailBytes = 32 * 1024 * 1024;

export type EventStoreServerOptions = {
  readonly postgresUrl: string;
  /** Schema of the log; created when it is missing. One server at a time may write to it. */
  readonly schema: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly log: Log;
};

export type EventStoreServer = {
  readonly host: string;
  readonly port: number;
  /** Connection string for `@eventstore/db-client`. */
  readonly url: string;
  /** Finishes the appends under way, ends open calls with CANCELLED and lets go of the schema. */
  readonly close: () => Promise<void>;
};

/**
 * Starts an EventStoreDB server that keeps its log in Postgres.
 *
 * @throws SchemaLockedError when another server writes to the schema; the error of Postgres or of the port
 *   when either cannot be had. Later outages of Postgres are answered to clients and healed by reconnecting.
 */
export const startEventStoreServer = async (
  options: EventStoreServerOptions,
): Promise<EventStoreServer> => {
  const { postgresUrl, schema, host, log } = options;
  const tail = memoryTail(tailBytes);
  const onConnectionLost = failureLog(log, Date.now, 'a read connection was lost');
  const reader = openReader(postgresUrl, schema, (error) => onConnectionLost(error));
  const storage = { reader, openWriter: () => openWriterSession(postgresUrl, schema) };
  try {
    const writer = await startWriter({ storage, tail, log, nowMs: Date.now });
    try {
      const routes = routesOf({
        reader,
        tail,
        log,
        nowMs: Date.now,
        write: writer.write,
        newId: randomUUID,
      });
      const onUnexpected = (error: unknown): void =>
        log('error', 'a call failed', { error: error instanceof Error ? error.stack : error });
      const transport = await listenHttp2({ host, port: options.port, routes, onUnexpected });
      const { port } = transport;
      let closing: Promise<void> | undefined;
      const close = async (): Promise<void> => {
        await writer.stop();
        await transport.close();
        await reader.close();
      };
      return {
        host,
        port,
        url: `esdb://${host}:${port}?tls=false`,
        close: () => (closing ??= close()),
      };
    } catch (error) {
      await writer.stop();
      throw error;
    }
  } catch (error) {
    await reader.close();
    throw error;
  }
};
