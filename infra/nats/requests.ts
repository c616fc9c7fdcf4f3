import type { Msg, NatsConnection, Subscription } from 'nats';
import { within } from '../within';
import { unlessRenewed } from './reconnects';

export type NatsRequests = {
  /** Sends one request and gives the answer. @throws Error when none comes within `timeoutMs` */
  readonly ask: (subject: string, text: string, timeoutMs: number) => Promise<Uint8Array>;
  /**
   * Answers requests on a subject, sharing them with all others of the group; without one everybody gets every
   * request. The handler never rejects.
   *
   * @returns a stop: takes no more, and resolves when those under way are answered
   */
  readonly serve: (
    subject: string,
    group: string | undefined,
    handler: (data: Uint8Array) => Promise<string>,
  ) => () => Promise<void>;
  /** The largest message that the server takes to which we are connected, by its greeting. */
  readonly maxMessageBytes: () => number;
  /** Resolves when the broker has just answered. @throws Error when it has not, within two seconds */
  readonly roundTrip: () => Promise<void>;
};

const ROUND_TRIP_MS = 2_000;
const LISTEN_AGAIN_MS = 1_000;
const USUAL_MAX_PAYLOAD_BYTES = 1_024 ** 2;

export const natsRequests = (connection: NatsConnection): NatsRequests => {
  const serve: NatsRequests['serve'] = (subject, group, handler) => {
    const underWay = new Set<Promise<void>>();
    const answer = async (message: Msg): Promise<void> => {
      message.respond(await handler(message.data));
    };
    let again: NodeJS.Timeout | undefined;
    const listen = (): Subscription =>
      connection.subscribe(subject, {
        ...(group !== undefined && { queue: group }),
        callback: (error, message) => {
          // a right that was lost ends the subscription, and may come back; the connection's status tells of it
          if (error) again = setTimeout(listenAgain, LISTEN_AGAIN_MS);
          else take(message);
        },
      });
    const take = (message: Msg): void => {
      const answered: Promise<void> = answer(message)
        .catch(() => undefined) // a broker that is away brings no answer: whoever asked asks again
        .finally(() => underWay.delete(answered));
      underWay.add(answered);
    };
    let subscription = listen();
    const listenAgain = (): void => {
      if (!connection.isClosed()) subscription = listen();
    };
    return async () => {
      clearTimeout(again);
      if (!connection.isClosed())
        await within(subscription.drain(), ROUND_TRIP_MS).catch(() => {
          subscription.unsubscribe(); // a broker that is away keeps nothing for us
        });
      await Promise.all(underWay);
    };
  };
  return {
    ask: async (subject, text, timeoutMs) => {
      const request = connection.request(subject, text, { timeout: timeoutMs });
      return (await unlessRenewed(connection, request)).data;
    },
    serve,
    maxMessageBytes: () => connection.info?.max_payload ?? USUAL_MAX_PAYLOAD_BYTES,
    roundTrip: () => within(connection.flush(), ROUND_TRIP_MS),
  };
};
