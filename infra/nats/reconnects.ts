import { Events, type NatsConnection } from 'nats';

/** The connection was renewed before the answer came: the request, or its answer, went down with the old one. */
class ConnectionRenewed extends Error {
  override readonly name = 'ConnectionRenewed';
}

type Waiting = Set<(error: Error) => void>;

const waitingOf = new WeakMap<NatsConnection, Waiting>();

const follow = async (connection: NatsConnection, waiting: Waiting): Promise<void> => {
  for await (const { type } of connection.status()) {
    if (type !== Events.Reconnect) continue;
    const error = new ConnectionRenewed('the broker was away meanwhile');
    for (const reject of waiting) reject(error);
    waiting.clear();
  }
};

/**
 * The answer to a request, or an error as soon as it can no longer come. The client by itself waits for
 * its whole time-out, so that everything under way would stand still for seconds after a broker is back.
 *
 * @throws ConnectionRenewed  the outcome is unknown
 */
export const unlessRenewed = async <T>(
  connection: NatsConnection,
  request: Promise<T>,
): Promise<T> => {
  let waiting = waitingOf.get(connection);
  if (!waiting) {
    waiting = new Set();
    waitingOf.set(connection, waiting);
    void follow(connection, waiting); // ends with the connection and never throws
  }
  const listeners = waiting;
  return await new Promise<T>((resolve, reject) => {
    const renewed = (error: Error): void => {
      reject(error);
    };
    listeners.add(renewed);
    const forget = (): void => {
      listeners.delete(renewed);
    };
    void request.finally(forget).then(resolve, reject);
  });
};
