import { streamNames, type StreamNames } from './eventstore/stream-names';
import { brokerNames, type BrokerNames } from './nats/names';

/** What a system is called on servers that others may use as well. */
export type SystemNames = {
  readonly streams: StreamNames;
  readonly broker: BrokerNames;
};

/** Rights that an administrator gives on all subjects of the system without a prefix would take in another's. */
const taken = new Set(['jobs', 'executor']);

/** Whether names that begin so are nobody else's. */
export const isSystemPrefix = (text: string): boolean =>
  /^[a-z][a-z0-9]{0,31}$/.test(text) && !taken.has(text);

/** @param prefix  absent for the only system on its servers */
export const systemNames = (prefix: string | undefined): SystemNames => ({
  streams: streamNames(prefix),
  broker: brokerNames(prefix),
});
