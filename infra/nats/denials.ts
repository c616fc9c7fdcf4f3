import { Events, NatsError, type NatsConnection, type Status } from 'nats';

/** What the broker does not let this user do. */
export type Denial = {
  readonly operation: 'publish' | 'subscription';
  readonly subject: string;
};

export const denialIn = ({ type, permissionContext }: Status): Denial | undefined => {
  if (type !== Events.Error || !permissionContext) return undefined;
  const { operation, subject } = permissionContext;
  return operation === 'publish' || operation === 'subscription'
    ? { operation, subject }
    : undefined;
};

export const denialOf = (error: unknown): Denial | undefined => {
  if (!(error instanceof NatsError) || !error.permissionContext) return undefined;
  const { operation, subject } = error.permissionContext;
  return operation === 'publish' || operation === 'subscription'
    ? { operation, subject }
    : undefined;
};

/** Subjects that carry ids, as a rule would name them: the same trouble has the same words each time. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/^_INBOX\..*$/, '_INBOX.>'],
  [/^((?:[a-z0-9]+\.)?jobs\.due)\..*$/, '$1.*.*'], // that of a system may have a prefix
  [/^((?:[a-z0-9]+\.)?executor\.(?:claim|report))\..*$/, '$1.*'],
  [/^(\$JS\.ACK\.[^.]+\.[^.]+)\..*$/, '$1.>'],
];

const ruleFor = (subject: string): string =>
  rules.reduce((name, [pattern, rule]) => name.replace(pattern, rule), subject);

export const sentenceOf = ({ operation, subject }: Denial): string =>
  `no right to ${operation === 'publish' ? 'publish to' : 'subscribe to'} ${ruleFor(subject)}`;

export const grantFor = ({ operation, subject }: Denial): string =>
  `Grant the user ${operation === 'publish' ? 'publish' : 'subscribe'} on ${ruleFor(subject)} (docs/operations.md lists all that is needed).`;

type Watch = { readonly denied: Set<string> };

const watches = new WeakMap<NatsConnection, Watch>();

const keyOf = ({ operation, subject }: Denial): string => `${operation} ${subject}`;

const follow = async (connection: NatsConnection, { denied }: Watch): Promise<void> => {
  for await (const status of connection.status()) {
    const denial = denialIn(status);
    if (denial) denied.add(keyOf(denial));
  }
};

const watchOf = (connection: NatsConnection): Watch => {
  let watch = watches.get(connection);
  if (!watch) {
    watch = { denied: new Set() };
    watches.set(connection, watch);
    void follow(connection, watch); // ends with the connection and never throws
  }
  return watch;
};

/** Hears from now on what the broker denies. @returns whether it has denied this since it was asked last */
export const denialsOn = (connection: NatsConnection): ((denial: Denial) => boolean) => {
  const { denied } = watchOf(connection);
  return (denial) => denied.delete(keyOf(denial));
};

/** The broker says no before it answers the next ping; the client hands it on in a later turn. */
const wasDenied = async (connection: NatsConnection, denial: Denial): Promise<boolean> => {
  const isDenied = denialsOn(connection);
  await connection.flush();
  await new Promise((resolve) => setImmediate(resolve));
  return isDenied(denial);
};

/** Publishes once. @returns whether the broker refused, undefined when it took it */
export const publishDenied = async (
  connection: NatsConnection,
  subject: string,
  { body = '', reply }: { readonly body?: string; readonly reply?: string } = {},
): Promise<Denial | undefined> => {
  watchOf(connection);
  connection.publish(subject, body, reply === undefined ? {} : { reply });
  const denial = { operation: 'publish', subject } as const;
  return (await wasDenied(connection, denial)) ? denial : undefined;
};

/** Subscribes for a moment. @returns whether the broker refused, undefined when it took it */
export const subscribeDenied = async (
  connection: NatsConnection,
  subject: string,
): Promise<Denial | undefined> => {
  watchOf(connection);
  const subscription = connection.subscribe(subject, { callback: () => undefined });
  const denial = { operation: 'subscription', subject } as const;
  const isDenied = await wasDenied(connection, denial);
  subscription.unsubscribe();
  return isDenied ? denial : undefined;
};
