import { resolve } from 'node:path';
import { readEndpoints } from '../processes/endpoints';
import { UsageError, type Surroundings } from './verb';

/** For `parseArgs`: where the servers are. */
export const serverFlags = {
  eventstore: { type: 'string' },
  postgres: { type: 'string' },
  nats: { type: 'string' },
  'data-dir': { type: 'string' },
} as const;

/** The lines of a usage text that tell of `serverFlags`. */
export const serverUsage = `  --eventstore URL    event store, esdb://… (default EVENTSTORE_URL)
  --postgres URL      read model, postgres://… (default POSTGRES_URL)
  --nats URL          broker, nats://… (default NATS_URL)
  --data-dir DIR      folder of a stack that runs on this machine, whose servers are taken where none is
                      named (default DATA_DIR, else .data)`;

type Given = { readonly [K in keyof typeof serverFlags]?: string | undefined };

export type Servers = {
  /** @throws UsageError that says how to name the server */
  readonly eventstoreUrl: () => string;
  readonly postgresUrl: () => string;
  readonly natsUrl: () => string;
  /** The broker's, for who can do without it; undefined when none is named. */
  readonly knownNatsUrl: () => string | undefined;
  /** The read model's, for who can do without it; undefined when none is named. */
  readonly knownPostgresUrl: () => string | undefined;
};

/** Each server from its flag, else from its variable, else from the stack that runs on the data folder. */
export const serversFrom = async (
  given: Given,
  { env }: Pick<Surroundings, 'env'>,
): Promise<Servers> => {
  const dataDir = resolve(given['data-dir'] ?? env['DATA_DIR'] ?? '.data');
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
  const postgresUrls = [given.postgres, env['POSTGRES_URL'], found?.postgresUrl];
  const natsUrls = [given.nats, env['NATS_URL'], found?.natsUrl];
  return {
    eventstoreUrl: urlOf('eventstore', 'EVENTSTORE_URL', [
      given.eventstore,
      env['EVENTSTORE_URL'],
      found?.eventstoreUrl,
    ]),
    postgresUrl: urlOf('postgres', 'POSTGRES_URL', postgresUrls),
    knownPostgresUrl: () => firstOf(postgresUrls),
    natsUrl: urlOf('nats', 'NATS_URL', natsUrls),
    knownNatsUrl: () => firstOf(natsUrls),
  };
};
