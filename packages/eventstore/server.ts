import { randomUUID } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { openAccess } from './access/access';
import { isAdministrator, type UserOptions } from './access/users';
import { beginLog } from './core/begin-log';
import { failureLog } from './core/failure-log';
import { memoryTail } from './core/tail';
import type { Log } from './core/log';
import { startWriter } from './core/writer';
import { defaultMaxAppendBytes } from './handlers/append-limits';
import type { HandlerDeps } from './handlers/deps';
import { dropRepeats } from './handlers/drop-repeats';
import type { Address } from './handlers/gossip';
import { routesOf } from './handlers/routes';
import type { RealVersion } from './real-version';
import { openReader } from './store/postgres-reader';
import { openWriterSession } from './store/postgres-writer';
import { listenHttp2, type Transport, type TransportUsage } from './transport/http2-server';
import type { TlsOptions } from './transport/listener';

/** Newest events kept in memory for live subscriptions. */
const tailBytes = 32 * 1024 * 1024;

export type EventStoreServerOptions = {
  readonly postgresUrl: string;
  /** Schema of the log; created when it is missing. One server at a time may write to it. */
  readonly schema: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Serves TLS with this certificate; plain text when missing. */
  readonly tls?: TlsOptions | undefined;
  /** When given and not empty, every call needs the credentials of one; else everybody may do everything. */
  readonly users?: readonly UserOptions[] | undefined;
  /** What gossip tells clients to connect to; the address by which each came when missing. */
  readonly advertise?: Address | undefined;
  /**
   * Also answers as this version of a real server does where that is of no use to anybody but those who try their
   * program: slow subscribers are dropped, repeats of what is under way too, and checkpoints lag behind.
   */
  readonly like?: RealVersion | undefined;
  /** Of the events of one append; 1 MiB, as a real server's `MaxAppendSize`, unless told. */
  readonly maxAppendBytes?: number | undefined;
  readonly log: Log;
};

export type EventStoreServer = {
  readonly host: string;
  readonly port: number;
  /** Connection string for `@eventstore/db-client`. */
  readonly url: string;
  /** Sessions and calls that are open or not yet done with. */
  readonly usage: () => TransportUsage;
  /** Finishes the appends under way, ends open calls with UNAVAILABLE and lets go of the schema. */
  readonly close: () => Promise<void>;
};

/** Says once how open a server is that others can reach, and what keeps clients out. */
const warnOfAccess = ({ host, tls, users = [], log }: EventStoreServerOptions): void => {
  // @eventstore/db-client drops credentials on plain-text connections
  if (users.length > 0 && !tls)
    log('warn', 'users without TLS: clients that send credentials only over TLS are refused');
  if (users.length > 0 && !users.some(isAdministrator))
    log('warn', 'no user is an admin: nobody can read $all or write system streams');
  if (/^(127\.|localhost$|::1$)/.test(host)) return;
  const missing = [...(users.length > 0 ? [] : ['users']), ...(tls ? [] : ['TLS'])];
  if (missing.length > 0)
    log('warn', `insecure: ${host} can be reached by others, without ${missing.join(' and ')}`);
};

/** Listens with everything that answers calls. */
const listen = async (options: EventStoreServerOptions, deps: HandlerDeps): Promise<Transport> => {
  const { host, port, tls, users = [], advertise, log } = options;
  const access = users.length > 0 ? await openAccess(users, deps) : undefined;
  let listening: Address = { host, port };
  const gossip = {
    instanceId: randomUUID(),
    advertised: advertise,
    listening: () => listening,
    nowMs: Date.now,
  };
  const onUnexpected = (error: unknown): void =>
    log('error', 'a call failed', { error: error instanceof Error ? error.stack : error });
  const routes = routesOf({ ...deps, gossip, access });
  const transport = await listenHttp2({ host, port, tls, routes, onUnexpected });
  listening = { host, port: transport.port };
  return transport;
};

/**
 * Starts an EventStoreDB server that keeps its log in Postgres.
 *
 * @throws SchemaLockedError when another server writes to the schema; the error of Postgres, of the port or
 *   of the certificate when one cannot be had. Later outages of Postgres are answered to clients and healed
 *   by reconnecting.
 */
export const startEventStoreServer = async (
  options: EventStoreServerOptions,
): Promise<EventStoreServer> => {
  const { postgresUrl, schema, host, log } = options;
  const isLikeReal = options.like !== undefined;
  warnOfAccess(options);
  const tail = memoryTail(tailBytes);
  const onConnectionLost = failureLog(log, Date.now, 'a read connection was lost');
  const reader = openReader(postgresUrl, schema, (error) => onConnectionLost(error));
  const storage = { reader, openWriter: () => openWriterSession(postgresUrl, schema) };
  try {
    const writer = await startWriter({ storage, tail, log, nowMs: Date.now });
    try {
      if (tail.lastSequence() === 0) await beginLog(writer);
      const permitRead = (): Promise<void> => Promise.resolve();
      const deps = {
        reader,
        tail,
        log,
        write: isLikeReal ? dropRepeats(writer.write) : writer.write,
        isLikeReal,
        maxAppendBytes: options.maxAppendBytes ?? defaultMaxAppendBytes,
        newId: randomUUID,
        nowMs: Date.now,
        permitRead,
        logReadFailure: failureLog(log, Date.now, 'reads fail'),
      };
      const { port, usage, close: stopListening } = await listen(options, deps);
      let closing: Promise<void> | undefined;
      const close = async (): Promise<void> => {
        await writer.stop();
        await stopListening();
        await reader.close();
      };
      return {
        host,
        port,
        url: `esdb://${isIPv6(host) ? `[${host}]` : host}:${port}?tls=${options.tls !== undefined}`,
        usage,
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
