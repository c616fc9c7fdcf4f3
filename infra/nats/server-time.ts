import type { NatsConnection } from 'nats';
import type { ServerTime } from '../server-time';
import type { BrokerNames } from './names';

/** Servers from 2.10 on say in an answer about a stream when they gave it; older ones tell their time nowhere. */
export const brokerTime =
  (connection: NatsConnection, { stream }: BrokerNames): ServerTime =>
  async () => {
    const manager = await connection.jetstreamManager({ checkAPI: false });
    const told: object = await manager.streams.info(stream);
    const ms = 'ts' in told && typeof told.ts === 'string' ? Date.parse(told.ts) : Number.NaN;
    return Number.isNaN(ms) ? undefined : { nowMs: ms, withinMs: 0 };
  };
