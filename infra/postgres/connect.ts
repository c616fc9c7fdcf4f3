import { Client, type ClientConfig } from 'pg';
import { readAddress, type PostgresAddress, type PostgresHost } from './address';
import { applySettings, type SessionSettings } from './session-settings';
import { isTransientPostgresError, READ_ONLY } from './failures';
import { forHost } from './tls';
import { within } from '../within';

export type ConnectOptions = {
  readonly url: string;
  /** What `pg_stat_activity` shows, unless the connection string says otherwise. */
  readonly applicationName: string;
  /** `none` leaves the session as it is: what is set through a pooler may stay for somebody else. */
  readonly settings?: SessionSettings | 'none';
  /** Ends a statement that the server does not answer at all. */
  readonly answerTimeoutMs?: number;
  /** Statements do not wait for the answers to those before them. */
  readonly pipeline?: boolean;
};

/** For all hosts together; each has an equal part of it. */
const CONNECT_TIMEOUT_MS = 5_000;

type Failure = Error & { readonly code?: string };

const failure = (message: string, code?: string, cause?: unknown): Failure =>
  Object.assign(new Error(message, { cause }), code === undefined ? {} : { code });

type Place = {
  readonly host: PostgresHost;
  readonly encryption: PostgresAddress['encryptions'][0];
};

const placesOf = ({ hosts, encryptions }: PostgresAddress): readonly Place[] =>
  hosts.flatMap((host) => encryptions.map((encryption) => ({ host, encryption })));

const textOf = ({ host }: Place): string => {
  const name = host.host ?? 'localhost';
  return `${name.includes(':') ? `[${name}]` : name}:${host.port ?? 5432}`;
};

const isReadOnly = async (client: Client): Promise<boolean> => {
  const { rows } = await client.query<{ readonly read_only: boolean }>(
    `select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as read_only`,
  );
  return rows[0]?.read_only === true;
};

/** One place or none. @throws what the driver throws, or that it takes no writes */
const connectAt = async (
  place: Place,
  address: PostgresAddress,
  { applicationName, settings = {}, answerTimeoutMs, pipeline }: ConnectOptions,
  timeoutMs: number,
): Promise<Client> => {
  const { user, password, database, options, mustWrite } = address;
  const ssl = forHost(place.encryption, place.host.host);
  const config: ClientConfig = {
    ...place.host,
    ...(user !== undefined && { user }),
    ...(password !== undefined && { password }),
    ...(database !== undefined && { database }),
    ...(ssl !== undefined && { ssl }),
    ...(options !== '' && { options }),
    ...(pipeline && { pipeline }),
    ...(answerTimeoutMs !== undefined && { query_timeout: answerTimeoutMs }),
    application_name: address.applicationName ?? applicationName,
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
  };
  const client = new Client(config);
  const ignore = (): void => undefined;
  client.on('error', ignore); // who waits for an answer hears of it, and an idle one is made again
  try {
    await client.connect();
    // a pooler lets anyone in and answers the first statement when it has a server for it
    const unanswered = 'timeout expired: let in, but the first statement was not answered';
    if (settings !== 'none')
      await within(applySettings(client, settings, address.settings), timeoutMs, () =>
        failure(unanswered),
      );
    if (mustWrite && (await isReadOnly(client)))
      throw failure(`${textOf(place)} takes no writes`, READ_ONLY);
  } catch (error) {
    void client.end().catch(ignore);
    throw error;
  }
  return client;
};

/** The first reason, or all where there were several places; it may pass as soon as one of them may. */
const reasonOf = (places: readonly Place[], errors: readonly unknown[]): unknown => {
  if (errors.length < 2) return errors[0];
  const texts = errors.map((error, index) => {
    const place = places[index];
    return `${place ? textOf(place) : ''}: ${(error as Failure).message}`; // whatever the driver throws has one
  });
  const telling = (errors.find(isTransientPostgresError) ?? errors[0]) as Failure;
  return failure(texts.join('; '), telling.code, telling);
};

/**
 * Opens sessions in which all that the code relies on is set. Of several hosts it takes the first that will do,
 * beginning with the last one that did: after a failover the others are found by themselves.
 *
 * @throws ServerUnfit for a connection string that cannot do
 */
export const connector = (options: ConnectOptions): (() => Promise<Client>) => {
  let lastFit = 0;
  return async () => {
    const address = readAddress(options.url);
    const places = placesOf(address);
    const timeoutMs = address.connectTimeoutMs ?? CONNECT_TIMEOUT_MS / places.length;
    const errors: unknown[] = [];
    const inTurn = [...places.slice(lastFit), ...places.slice(0, lastFit)];
    for (const place of inTurn) {
      try {
        const client = await connectAt(place, address, options, timeoutMs);
        lastFit = places.indexOf(place);
        return client;
      } catch (error) {
        errors.push(error);
      }
    }
    throw reasonOf(inTurn, errors);
  };
};
