import { systemNames } from '../infra/system-names';

/** What the stack that is measured is called on its servers. */
export const { streams, broker: brokerNames } = systemNames(undefined);
