import { systemNames } from '../../infra/system-names';

/** What a system without a prefix is called on its servers. */
export const { streams: plainStreams, broker: plainBroker } = systemNames(undefined);
