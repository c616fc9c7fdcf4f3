import {
  AckPolicy,
  DeliverPolicy,
  nanos,
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type NatsConnection,
} from 'nats';
import { apiCodeOf, isDenied, unlessMissing } from './api-errors';
import { askAgain } from './ask-again';
import { consumerName, type BrokerNames } from './names';
import { unlessRenewed } from './reconnects';

export type DueConsumerSettings = {
  readonly queue: string;
  readonly ackWaitMs: number;
  /** Deliveries without an ack at once; fewer where the broker allows fewer. */
  readonly maxAckPending: number;
};

/** The consumer is there and will not do; nothing but a person can change that. */
export class DueConsumerUnfit extends Error {
  override readonly name = 'DueConsumerUnfit';
  readonly flaw: string;

  constructor(name: string, flaw: string) {
    super(`the consumer ${name} has ${flaw}`);
    this.flaw = flaw;
  }
}

const API_TIMEOUT_MS = 3_000;
const NO_CONSUMER = new Set([10_014]);
const BEYOND = 'a place beyond the end of the stream, and must be deleted (nats consumer rm)';
const TOO_MANY_PENDING = 10_121;
/** JetStream's codes for a consumer that is there with other settings: 2.9, and newer ones. */
const OTHER_SETTINGS = new Set([10_013, 10_148]);

type Changeable = { readonly ack_wait: number; readonly max_ack_pending: number };

/**
 * Whether it has delivered more than the stream has ever had: a broker whose disk was full may come back with a stream
 * that counts from 1 again, and would deliver nothing of it.
 */
const isBeyond = async (
  connection: NatsConnection,
  { streams }: JetStreamManager,
  stream: string,
  { delivered }: ConsumerInfo,
): Promise<boolean> => {
  if (delivered.stream_seq === 0) return false;
  const { state } = await askAgain(connection, () => streams.info(stream));
  return delivered.stream_seq > state.last_seq;
};

const flawOf = (config: ConsumerConfig, wanted: string): string | undefined => {
  if (config.deliver_subject !== undefined) return 'a subject that it pushes to; it must be pulled';
  if (config.ack_policy !== AckPolicy.Explicit)
    return `ack policy ${config.ack_policy} instead of explicit`;
  const filters = config.filter_subjects ?? [config.filter_subject];
  if (filters.length !== 1 || filters[0] !== wanted)
    return `filter ${filters.join(', ')} instead of ${wanted}`;
  return undefined;
};

/** What the broker names as its limit, else half; undefined when there is no less. */
const fewer = (changeable: Changeable, error: unknown): Changeable | undefined => {
  if (apiCodeOf(error) !== TOO_MANY_PENDING || changeable.max_ack_pending <= 1) return undefined;
  const told = Number(/limit of (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]);
  const half = Math.floor(changeable.max_ack_pending / 2);
  return {
    ...changeable,
    max_ack_pending: told >= 1 && told < changeable.max_ack_pending ? told : half,
  };
};

const withFewer = async <T>(
  changeable: Changeable,
  call: (changeable: Changeable) => Promise<T>,
): Promise<T> => {
  for (let next = changeable; ;) {
    try {
      return await call(next);
    } catch (error) {
      const less = fewer(next, error);
      if (!less) throw error;
      next = less;
    }
  }
};

const change = async (
  { consumers }: JetStreamManager,
  found: ConsumerInfo,
  wanted: Changeable,
): Promise<ConsumerInfo> => {
  const { ack_wait: ackWait, max_ack_pending: pending } = found.config;
  if (ackWait === wanted.ack_wait && pending === wanted.max_ack_pending) return found;
  try {
    return await withFewer(wanted, async (next) =>
      ackWait === next.ack_wait && pending === next.max_ack_pending
        ? found
        : await consumers.update(found.stream_name, found.name, next),
    );
  } catch (error) {
    // it was there before us, and works as it is
    if (isDenied(error) || apiCodeOf(error) !== undefined) return found;
    throw error;
  }
};

/**
 * Makes sure that the durable consumer of a queue is there, with less where the broker allows less. One that an
 * administrator has made is taken as it is.
 *
 * @throws DueConsumerUnfit, and what the client throws when the broker is away or refuses
 */
export const dueConsumerInfo = async (
  connection: NatsConnection,
  names: BrokerNames,
  { queue, ackWaitMs, maxAckPending }: DueConsumerSettings,
): Promise<ConsumerInfo> => {
  const manager = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
  const { stream } = names;
  const [name, filter] = [consumerName(queue), names.dueFilter(queue)];
  const wanted: Changeable = { ack_wait: nanos(ackWaitMs), max_ack_pending: maxAckPending };
  const look = (): Promise<ConsumerInfo | undefined> =>
    unlessMissing(
      askAgain(connection, () => manager.consumers.info(stream, name)),
      NO_CONSUMER,
    );
  const create = (): Promise<ConsumerInfo> =>
    withFewer(wanted, (next) =>
      unlessRenewed(
        connection,
        manager.consumers.add(stream, {
          ...next,
          durable_name: name,
          filter_subject: filter,
          ack_policy: AckPolicy.Explicit,
          deliver_policy: DeliverPolicy.All,
        }),
      ),
    );
  let found = await look();
  if (!found)
    try {
      return await create();
    } catch (error) {
      // another process was faster
      found = OTHER_SETTINGS.has(apiCodeOf(error) ?? 0) ? await look() : undefined;
      if (!found) throw error;
    }
  const flaw = flawOf(found.config, filter);
  if (flaw !== undefined) throw new DueConsumerUnfit(name, flaw);
  if (await isBeyond(connection, manager, stream, found)) {
    try {
      await unlessRenewed(connection, manager.consumers.delete(stream, name));
    } catch (error) {
      if (isDenied(error)) throw new DueConsumerUnfit(name, BEYOND);
      if (!NO_CONSUMER.has(apiCodeOf(error) ?? 0)) throw error;
    }
    return await create();
  }
  return await change(manager, found, wanted);
};
