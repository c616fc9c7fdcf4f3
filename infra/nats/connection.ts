import { connect, Events, type ConnectionOptions, type NatsConnection } from 'nats';
import { connectOptions, type BrokerAccess } from './access';
import { troubles, type TroubleOptions } from './troubles';
import { missesCertificate, unfitToConnect } from './failures';

export type Broker = {
  readonly connection: NatsConnection;
  readonly isConnected: () => boolean;
  /** Called after each reconnect: the broker may have come back empty. @returns how to end it */
  readonly onReconnect: (reconnected: () => void) => () => void;
  /** Sends what is buffered, then closes; a broker that is away gets nothing more. */
  readonly close: () => Promise<void>;
};

export type BrokerOptions = BrokerAccess &
  TroubleOptions & {
    /** What the broker's monitoring shows. */
    readonly name: string;
    /** Told of each loss and return of the connection, and of errors that the broker reports. */
    readonly onStatus?: (status: { readonly type: string; readonly data: unknown }) => void;
  };

const RECONNECT_WAIT_MS = 200;
const RECONNECT_JITTER_MS = 100;
/** Two unanswered pings in a row mean that the broker is gone, however open the socket looks. */
const PING_EVERY_MS = 2_000;
const CLOSE_TIMEOUT_MS = 2_000;
/** A server that accepts and says nothing is no server. */
const CONNECT_TIMEOUT_MS = 5_000;

const settings = {
  timeout: CONNECT_TIMEOUT_MS,
  maxReconnectAttempts: -1,
  reconnectTimeWait: RECONNECT_WAIT_MS,
  reconnectJitter: RECONNECT_JITTER_MS,
  reconnectJitterTLS: RECONNECT_JITTER_MS,
  ignoreAuthErrorAbort: true, // a password that is being changed comes back, and a closed connection would not
  pingInterval: PING_EVERY_MS,
  maxPingOut: 2,
  noAsyncTraces: true, // else the client builds an Error with a stack for each request and publish
} satisfies ConnectionOptions;

const connectOnce = async (options: BrokerOptions): Promise<NatsConnection> => {
  const access = connectOptions(options);
  try {
    return await connect({ ...settings, ...access, name: options.name });
  } catch (error) {
    throw (
      unfitToConnect(options.url, error) ??
      (options.certFile === undefined ? await missesCertificate(options.url, error) : undefined) ??
      error
    );
  }
};

/**
 * Connects, and from then on reconnects for as long as the program runs.
 *
 * @throws ServerUnfit for a broker that will not take us, NatsError when nobody answers at the first try
 */
export const connectBroker = async (options: BrokerOptions): Promise<Broker> => {
  const connection = await connectOnce(options);
  const listeners = new Set<() => void>();
  let isConnected = true;

  const trouble = troubles(options);
  const follow = async (): Promise<void> => {
    for await (const status of connection.status()) {
      const { type, data } = status;
      if (type === Events.Disconnect) isConnected = false;
      if (type === Events.Reconnect) {
        isConnected = true;
        for (const reconnected of listeners) reconnected();
      }
      trouble(status);
      if (isEvent(type)) options.onStatus?.({ type, data });
    }
    isConnected = false;
  };
  void follow(); // ends with the connection and never throws

  return {
    connection,
    isConnected: () => isConnected && !connection.isClosed(),
    onReconnect: (reconnected) => {
      listeners.add(reconnected);
      return () => listeners.delete(reconnected);
    },
    close: async () => {
      await sendBuffered(connection, isConnected);
      await connection.close();
    },
  };
};

/** The client also reports pings and tries, which are of no use to anybody. */
const isEvent = (type: string): boolean => (Object.values(Events) as string[]).includes(type);

const sendBuffered = async (connection: NatsConnection, isConnected: boolean): Promise<void> => {
  if (!isConnected || connection.isClosed()) return;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_TIMEOUT_MS);
  });
  await Promise.race([connection.drain().catch(() => undefined), timeout]);
  clearTimeout(timer);
};
