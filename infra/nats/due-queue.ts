import { createInbox, nanos, type Msg, type NatsConnection } from 'nats';
import type { Broker } from './connection';
import { denialOf, denialsOn, sentenceOf, type Denial } from './denials';
import { dueConsumerInfo } from './due-consumer';
import { consumerName, type BrokerNames } from './names';

/** A message as the broker delivers it, at least once. */
export type DueMessage = {
  readonly data: Uint8Array;
  /** Done with it. */
  readonly ack: () => void;
  /** Deliver it again after a while. */
  readonly nak: (delayMs: number) => void;
  /** Still at it: do not deliver it to anybody else yet. */
  readonly working: () => void;
  /** Never deliver it again: it cannot be read. */
  readonly term: () => void;
};

/** Why a pull is over: it got all it asked for, its time has passed, or there is nobody to ask. */
export type PullEnd = 'filled' | 'expired' | 'gone';

export type Pull = {
  readonly ended: Promise<PullEnd>;
  /** Whether the broker has answered it, with anything but a no. */
  readonly isHeard: () => boolean;
  /** Why it is `gone`. */
  readonly refusal: () => string;
  readonly cancel: () => void;
};

/** The messages of one queue, given out only on demand, so that none waits behind a busy executor. */
export type DueQueue = {
  /** Makes sure that stream and consumer are there; the broker may have come back empty. */
  readonly ensure: () => Promise<void>;
  /** Asks for up to `count` messages within `expiresMs`. */
  readonly pull: (
    count: number,
    expiresMs: number,
    onMessage: (message: DueMessage) => void,
  ) => Pull;
  /** Calls back after each reconnect: what was asked for before is lost. @returns how to stop that */
  readonly onReconnect: (reconnected: () => void) => () => void;
};

export type DueQueueOptions = {
  readonly broker: Broker;
  readonly names: BrokerNames;
  readonly queue: string;
  /** Makes sure that the stream is there. */
  readonly ensureStream: () => Promise<unknown>;
  /** How long the broker waits for an ack or a sign of life before it delivers again; by default 10 s. */
  readonly ackWaitMs?: number;
};

/**
 * Messages that executors have put off count too, so this is more than lies in a queue at once: fewer, and the
 * jobs of one slow target would keep all others from being delivered.
 */
export const MAX_ACK_PENDING = 50_000;
/** How long the broker waits for an ack or a sign of life, by default. */
export const ACK_WAIT_MS = 10_000;
/**
 * A pull dies with the server that leads the consumer, without a word to us. Those that wait are told of that often
 * that it is there; silence of two such times is its end.
 */
const HEARTBEAT_MS = 1_500;
/** The broker wants two of them at least within a pull's time. */
const LEAST_HEARTBEATS = 2;
/** How long after its time a pull whose end we were not told of counts as over. */
const LATE_END_MS = 500;

const encoder = new TextEncoder();

/** Whoever may publish may send headers that nobody can read; the message is then read, or not, by its data. */
const statusOf = (message: Msg): number => {
  try {
    return message.headers?.code ?? 0;
  } catch {
    return 0;
  }
};

/** In words, where the broker has some. */
const refusalIn = (error: Error | null, { headers }: Msg): string | undefined => {
  const denial = error ? denialOf(error) : undefined;
  if (denial) return sentenceOf(denial);
  return error?.message ?? headers?.description;
};

const dueMessage = (connection: NatsConnection, { data, reply = '' }: Msg): DueMessage => {
  const answer = (text: string): void => {
    // a broker that is away delivers again anyway
    if (!connection.isClosed()) connection.publish(reply, encoder.encode(text));
  };
  return {
    data,
    ack: () => {
      answer('+ACK');
    },
    nak: (delayMs) => {
      answer(`-NAK ${JSON.stringify({ delay: nanos(delayMs) })}`);
    },
    working: () => {
      answer('+WPI');
    },
    term: () => {
      answer('+TERM');
    },
  };
};

/**
 * The queue's durable pull consumer. Every pull is a request of its own, for `consume()` of the client asks
 * for more as soon as messages arrive, not when somebody is free to take them.
 */
export const dueQueue = (options: DueQueueOptions): DueQueue => {
  const { broker, names, queue, ackWaitMs = ACK_WAIT_MS } = options;
  const { connection } = broker;
  const nextOf = `$JS.API.CONSUMER.MSG.NEXT.${names.stream}.${consumerName(queue)}`;
  const next: Denial = { operation: 'publish', subject: nextOf };
  const isDenied = denialsOn(connection);

  const ensure = async (): Promise<void> => {
    await options.ensureStream();
    const settings = { queue, ackWaitMs, maxAckPending: MAX_ACK_PENDING };
    await dueConsumerInfo(connection, names, settings);
  };

  const pull: DueQueue['pull'] = (count, expiresMs, onMessage) => {
    const inbox = createInbox();
    let left = count;
    let end: (reason: PullEnd) => void = () => undefined;
    const ended = new Promise<PullEnd>((resolve) => {
      end = resolve;
    });
    const finish = (reason: PullEnd): void => {
      clearTimeout(timer);
      clearTimeout(silence);
      subscription.unsubscribe();
      end(reason);
    };
    const timer = setTimeout(finish, expiresMs + LATE_END_MS, 'expired');
    const hasHeartbeats = expiresMs >= LEAST_HEARTBEATS * HEARTBEAT_MS;
    let heard = 0;
    let isHeard = false;
    let no = `no answer to pulls of the queue ${queue}`;
    const onSilence = (): void => {
      const before = heard;
      // what came while this program itself stood still is read first
      setTimeout(() => {
        if (heard === before) finish('gone');
      }, 0);
    };
    const silence = hasHeartbeats
      ? setTimeout(onSilence, LEAST_HEARTBEATS * HEARTBEAT_MS + LATE_END_MS)
      : undefined;
    const subscription = connection.subscribe(inbox, {
      callback: (error, message) => {
        // 408: the time has passed; others say that the consumer, the stream or the whole broker is not there
        const status = error ? 503 : statusOf(message);
        heard += 1;
        silence?.refresh();
        if (status < 400 || status === 408) isHeard = true;
        else no = refusalIn(error, message) ?? no;
        if (status === 100) return;
        if (status === 408) finish('expired');
        else if (status >= 400) finish('gone');
        else {
          left -= 1;
          onMessage(dueMessage(connection, message));
          if (left === 0) finish('filled');
        }
      },
    });
    connection.publish(
      nextOf,
      JSON.stringify({
        batch: count,
        expires: nanos(expiresMs),
        ...(hasHeartbeats && { idle_heartbeat: nanos(HEARTBEAT_MS) }),
      }),
      { reply: inbox },
    );
    return {
      ended,
      isHeard: () => isHeard,
      refusal: () => (isDenied(next) ? sentenceOf(next) : no),
      cancel: () => {
        finish('expired');
      },
    };
  };

  return { ensure, pull, onReconnect: broker.onReconnect };
};
