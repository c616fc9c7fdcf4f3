import { resolve } from 'node:path';
import type { BrokerAccess } from '../infra/nats/access';
import { isSystemPrefix, systemNames, type SystemNames } from '../infra/system-names';
import { readEndpoints } from '../processes/composition/endpoints';
import { valueOf } from '../processes/settings/variables';
import { UsageError, type Context } from './verb';

/** For `parseArgs`: where the servers are, and which system on them is meant. */
export const serverFlags = {
  eventstore: { type: 'string' },
  postgres: { type: 'string' },
  nats: { type: 'string' },
  prefix: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

/** The lines of a usage text that tell of `serverFlags`. */
export const serverUsage = `  --eventstore URL    event store, esdb://… (default PUNCTUAL_EVENTSTORE_URL)
  --postgres URL      read model, postgres://… (default PUNCTUAL_POSTGRES_URL)
  --nats URL          broker, nats://… (default PUNCTUAL_NATS_URL)
  --prefix NAME       which system, where several share a server (default PUNCTUAL_SYSTEM_PREFIX)
  --data-dir DIR      folder of a stack that runs on this machine, whose servers are taken where none is
                      named (default PUNCTUAL_DATA_DIR, else .data), and whose prefix is taken with its event store`;

type Given = { readonly [K in keyof typeof serverFlags]?: string | undefined };

export type Servers = {
  /** @throws UsageError that says how to name the server */
  readonly eventstoreUrl: () => string;
  readonly postgresUrl: () => string;
  /** The files that belong to its address are named by variables alone. */
  readonly nats: () => BrokerAccess;
  /** The same, for who can do without it; undefined when none is named. */
  readonly knownNats: () => BrokerAccess | undefined;
  /** The read model's, for who can do without it; undefined when none is named. */
  readonly knownPostgresUrl: () => string | undefined;
  /** What the system is called on them. */
  readonly names: SystemNames;
};

/** @throws UsageError for one that no system can have */
const checkedPrefix = (prefix: string | undefined): string | undefined => {
  if (prefix === undefined || prefix === '') return undefined;
  if (isSystemPrefix(prefix)) return prefix;
  throw new UsageError(`${JSON.stringify(prefix)} is no prefix that a system can have`);
};

/** Each server from its flag, else from its variable, else from the stack that runs on the data folder. */
export const serversFrom = async (
  given: Given,
  { env }: Pick<Context, 'env'>,
): Promise<Servers> => {
  const dataDir = resolve(given['data-dir'] ?? valueOf(env, 'DATA_DIR') ?? '.data');
  const found = await readEndpoints(dataDir);
  const firstOf = (urls: readonly (string | undefined)[]): string | undefined =>
    urls.find((one) => one !== undefined && one !== '');
  const urlOf = (flag: string, variable: string, urls: readonly (string | undefined)[]) => () => {
    const url = firstOf(urls);
    if (url !== undefined) return url;
    throw new UsageError(
      `give --${flag} or ${variable}, or --data-dir with the folder of a running stack (none in ${dataDir})`,
    );
  };
  const postgresUrls = [given.postgres, valueOf(env, 'POSTGRES_URL'), found?.postgresUrl];
  const eventstoreUrls = [given.eventstore, valueOf(env, 'EVENTSTORE_URL')];
  const isStacksLog = firstOf(eventstoreUrls) === undefined;
  const prefix =
    given.prefix ??
    valueOf(env, 'SYSTEM_PREFIX') ??
    (isStacksLog ? found?.systemPrefix : undefined);
  const natsUrls = [given.nats, valueOf(env, 'NATS_URL'), found?.natsUrl];
  const brokerAt = (url: string): BrokerAccess => ({
    url,
    caFile: firstOf([valueOf(env, 'NATS_CA_FILE')]),
    certFile: firstOf([valueOf(env, 'NATS_CERT_FILE')]),
    keyFile: firstOf([valueOf(env, 'NATS_KEY_FILE')]),
    credsFile: firstOf([valueOf(env, 'NATS_CREDS_FILE')]),
  });
  return {
    eventstoreUrl: urlOf('eventstore', 'PUNCTUAL_EVENTSTORE_URL', [
      ...eventstoreUrls,
      found?.eventstoreUrl,
    ]),
    postgresUrl: urlOf('postgres', 'POSTGRES_URL', postgresUrls),
    knownPostgresUrl: () => firstOf(postgresUrls),
    names: systemNames(checkedPrefix(prefix)),
    nats: () => brokerAt(urlOf('nats', 'PUNCTUAL_NATS_URL', natsUrls)()),
    knownNats: () => {
      const url = firstOf(natsUrls);
      return url === undefined ? undefined : brokerAt(url);
    },
  };
};
