import { EventStoreDBClient } from '@eventstore/db-client';
import { refuseBadCredentials, unfitString } from './connection-string';
import { closeChannel, mendBackpressuredWrite, mendForgottenAnswers } from './client-defects';
import { widenFlowWindow } from './flow-window';
import { installLeanMessages } from './lean/install';

mendBackpressuredWrite();
mendForgottenAnswers();
installLeanMessages();

/**
 * What a connection string may leave out. A dead connection is found within interval + timeout; the
 * client warns of an interval below 10 s.
 */
const DEFAULTS = {
  keepAliveInterval: 10_000,
  keepAliveTimeout: 4_000,
};

/** The connection string with our defaults where it says nothing, and the one setting that we rely on. */
export const withDefaults = (url: string): string => {
  const flat = url.toLowerCase().replace(/[_-]/g, '');
  const missing = Object.entries(DEFAULTS).filter(
    ([key]) => !flat.includes(`${key.toLowerCase()}=`),
  );
  // with false, the client answers a conflict over its batch stream with revision 1, whatever the truth
  const added = [...missing, ['throwOnAppendFailure', 'true']].map((pair) => pair.join('='));
  return `${url}${url.includes('?') ? '&' : '?'}${added.join('&')}`;
};

/**
 * A client of EventStoreDB 23.10 or later: connects with its first call, and again whenever it was cut.
 *
 * @param url  connection string, `esdb://host:port?tls=false` or `esdb+discover://…`
 * @throws ServerUnfit  for a string that is none
 */
export const openEventStore = (url: string): EventStoreDBClient => {
  refuseBadCredentials(url);
  try {
    const client = EventStoreDBClient.connectionString(withDefaults(url));
    widenFlowWindow(client);
    return client;
  } catch (error) {
    throw unfitString(url, error);
  }
};

/** Ends all calls and subscriptions of the client and closes its socket. */
export const closeEventStore = async (client: EventStoreDBClient): Promise<void> => {
  await client.dispose();
  await closeChannel(client);
};
