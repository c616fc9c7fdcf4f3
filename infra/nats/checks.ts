import type { ServerCheck } from '../server-check';
import type { BrokerCheckDeps } from './broker-needs';
import { consumerChecks } from './consumer-checks';
import { gatewayChecks, payloadCheck } from './message-checks';
import { streamChecks } from './stream-checks';

/**
 * All that is needed of the broker, in an order in which the first that is missing tells the most. What can be made
 * or changed is made and changed; nothing of what is tried stays.
 */
export const brokerChecks = (deps: BrokerCheckDeps): readonly ServerCheck[] => [
  payloadCheck(deps),
  ...streamChecks(deps),
  ...consumerChecks(deps),
  ...gatewayChecks(deps),
];
