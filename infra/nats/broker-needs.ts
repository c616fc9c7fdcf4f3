import type { NatsConnection } from 'nats';
import type { BrokerNames } from './names';
import type { DueStreamSettings } from './topology';

/** What a program does with the broker. */
export type BrokerNeeds = {
  /** Sends messages of due jobs. */
  readonly sends: boolean;
  /** Looks for lost messages and takes out those that nobody needs. */
  readonly tends: boolean;
  /** Answers executors. */
  readonly serves: boolean;
  /** Takes jobs of this queue and asks the gateways. */
  readonly takes?: string | undefined;
};

export type BrokerCheckDeps = {
  readonly connection: NatsConnection;
  readonly names: BrokerNames;
  readonly stream: DueStreamSettings;
  readonly needs: BrokerNeeds;
};

/** Whether it has to do with the stream at all. */
export const needsStream = ({ sends, tends, takes }: BrokerNeeds): boolean =>
  sends || tends || takes !== undefined;
