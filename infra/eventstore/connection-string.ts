import { ServerUnfit } from '../server-check';

const refused = (url: string, found: string): ServerUnfit =>
  new ServerUnfit({
    setting: 'EVENTSTORE_URL',
    url,
    tried: 'to read the connection string',
    found,
    remedy:
      'It is esdb://host:port?tls=false, or esdb+discover://… for a cluster, with user:password@ before the host; in a password write what is no letter or digit percent-encoded (@ is %40).',
  });

/**
 * The client takes the password up to the first `@` and drops what follows a second colon: the rest would be looked
 * up as a host, and told to all who read the error.
 *
 * @throws ServerUnfit
 */
export const refuseBadCredentials = (url: string): void => {
  const [authority = ''] = /(?<=^[^:]+:\/\/)[^?]*/.exec(url) ?? [];
  const userInfo = authority.slice(0, Math.max(authority.lastIndexOf('@'), 0));
  if (/@|:.*:/.test(userInfo))
    throw refused(url, 'a password with "@" or ":" as they are, which is read in part only');
};

/** What the client's parser says, without the text that it had before it: its error holds all of that. */
export const unfitString = (url: string, error: unknown): ServerUnfit => {
  const { expected, location } = error as { expected?: unknown; location?: readonly unknown[] };
  const at = location?.[0];
  return refused(
    url,
    typeof expected === 'string' && typeof at === 'number'
      ? `at character ${at + 1} no ${expected}`
      : 'a string that the client cannot read',
  );
};
