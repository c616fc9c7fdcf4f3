import { EventStoreDBClient } from '@eventstore/db-client';
import {
  closeChannel,
  limitFeaturesQuestion,
  mendBackpressuredWrite,
  mendForgottenAnswers,
  mendIpv6Targets,
  rememberConnecting,
} from './client-defects';
import { limitConnects } from './connect-limit';
import { parseConnectionString } from './connection-string';
import { mendDiscovery } from './discovery';
import { widenFlowWindow } from './flow-window';
import { installLeanMessages } from './lean/install';

mendBackpressuredWrite();
mendForgottenAnswers();
limitFeaturesQuestion();
limitConnects();
mendDiscovery();
installLeanMessages();

/** A server that does not answer is left behind after this long. */
const CLOSE_WITHIN_MS = 2_000;

/**
 * A client of EventStoreDB 23.10 or later: connects with its first call, and again whenever it was cut.
 *
 * @param url  connection string, `esdb://host:port?tls=false` or `esdb+discover://…`
 * @throws ServerUnfit  for a string that is none
 */
export const openEventStore = (url: string): EventStoreDBClient => {
  const { kind, endpoints, options, security, credentials } = parseConnectionString(url);
  const [first] = endpoints;
  const common = { ...options, throwOnAppendFailure: true };
  const nodes = {
    single: { endpoint: first },
    seeds: { endpoints: [...endpoints] },
    discover: { discover: first },
  }[kind];
  // the three forms of settings are three signatures
  const settings = { ...common, ...nodes } as ConstructorParameters<typeof EventStoreDBClient>[0];
  const client = new EventStoreDBClient(settings, security, credentials);
  mendIpv6Targets(client);
  rememberConnecting(client);
  widenFlowWindow(client);
  return client;
};

/** Ends all calls and subscriptions of the client and closes its socket. */
export const closeEventStore = async (client: EventStoreDBClient): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_WITHIN_MS);
  });
  const closed = async (): Promise<void> => {
    await client.dispose();
    await closeChannel(client);
  };
  await Promise.race([closed(), late]);
  clearTimeout(timer);
};
