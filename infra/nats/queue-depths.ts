import type { NatsConnection } from 'nats';
import { consumerName, type BrokerNames } from './names';
import { unlessRenewed } from './reconnects';

/** What lies in a queue, by the broker's own count. */
export type QueueDepth = {
  /** Messages that were delivered to nobody yet. */
  readonly waiting: number;
  /** Deliveries so far; starts again from 0 when the consumer is made again. */
  readonly delivered: number;
  /** Whether somebody asks for messages, or has some in flight. False as well for a queue that never had a consumer. */
  readonly isServed: boolean;
};

export type StreamUse = { readonly usedBytes: number; readonly maxBytes: number };

export type QueueDepths = {
  /** @throws Error when the broker does not answer */
  readonly depthOf: (queue: string) => Promise<QueueDepth>;
  /** @throws Error when the broker does not answer */
  readonly streamUse: () => Promise<StreamUse>;
};

type ConsumerInfo = {
  readonly delivered: { readonly consumer_seq: number };
  readonly num_pending: number;
  readonly num_ack_pending: number;
  readonly num_waiting: number;
};
type StreamInfo = {
  readonly config: { readonly max_bytes: number };
  readonly state: {
    readonly bytes: number;
    readonly subjects?: Readonly<Record<string, number>>;
  };
};
type ApiError = { readonly error?: { readonly err_code: number; readonly description: string } };

const TIMEOUT_MS = 2_000;
/** JetStream's codes for "consumer not found" and "stream not found". */
const notThere = new Set([10_014, 10_059]);
const decoder = new TextDecoder();

export const queueDepths = (
  connection: NatsConnection,
  { stream, dueFilter }: BrokerNames,
): QueueDepths => {
  /** Undefined when there is no such stream or consumer. */
  const ask = async <Answer>(call: string, request: object = {}): Promise<Answer | undefined> => {
    const asked = connection.request(`$JS.API.${call}`, JSON.stringify(request), {
      timeout: TIMEOUT_MS,
    });
    const { data } = await unlessRenewed(connection, asked);
    const answer = JSON.parse(decoder.decode(data)) as Answer & ApiError; // the broker's own answer
    if (answer.error && notThere.has(answer.error.err_code)) return undefined;
    if (answer.error) throw new Error(`the broker refuses ${call}: ${answer.error.description}`);
    return answer;
  };
  const storedIn = async (queue: string): Promise<number> => {
    const filter = { subjects_filter: dueFilter(queue) };
    const info = await ask<StreamInfo>(`STREAM.INFO.${stream}`, filter);
    return Object.values(info?.state.subjects ?? {}).reduce((sum, messages) => sum + messages, 0);
  };

  return {
    depthOf: async (queue) => {
      const info = await ask<ConsumerInfo>(`CONSUMER.INFO.${stream}.${consumerName(queue)}`);
      if (!info) return { waiting: await storedIn(queue), delivered: 0, isServed: false };
      return {
        waiting: info.num_pending,
        delivered: info.delivered.consumer_seq,
        isServed: info.num_waiting > 0 || info.num_ack_pending > 0,
      };
    },
    streamUse: async () => {
      const info = await ask<StreamInfo>(`STREAM.INFO.${stream}`);
      return {
        usedBytes: info?.state.bytes ?? 0,
        maxBytes: info && info.config.max_bytes > 0 ? info.config.max_bytes : Infinity,
      };
    },
  };
};
