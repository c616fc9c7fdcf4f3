import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoints } from '../../processes/composition/endpoints';
import { settingsOnGiven } from './given-event-store';
import { keptKeys, keysFile } from '../../processes/composition/keys';
import { placePostgres } from './prepared-postgres';
import { startProgram } from './program';
import { until } from './until';

export type RunningStack = {
  readonly httpUrl: string;
  readonly dataDir: string;
  readonly parentPid: number;
  readonly endpoints: () => Promise<Endpoints>;
  /** The API key of a user or operator named in `apiKeys` below, or among its own keys. */
  readonly keyOf: (principal: string) => string;
  /** What the stack printed on stdout: `print:` jobs among it. */
  readonly output: () => string;
  /** The last of what its programs logged. */
  readonly errors: () => string;
  readonly exited: Promise<number | null>;
  /** SIGTERM, then the end; the data folder goes unless it is to be kept. */
  readonly stop: (options?: { readonly keepData?: boolean }) => Promise<number | null>;
};

export type RunningStackOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of an earlier stack, to go on with. */
  readonly dataDir?: string;
  /** Whether it has the keys alone that it makes at its first start: those of the user `me` and of the `operator`. */
  readonly hasOwnKeys?: boolean;
};

const users = ['ada', 'bob', 'cyd', 'dan', 'eve', 'me'] as const;
const operators = ['olga', 'operator'] as const;
/** The API key of a principal named in `apiKeys`. */
export const apiKeyOf = (principal: string): string => `key-of-${principal}-0123456789`;

export const apiKeys = [
  ...users.map((name) => `${apiKeyOf(name)}:${name}:user`),
  ...operators.map((name) => `${apiKeyOf(name)}:${name}:operator`),
].join(',');

const newDataDir = async (): Promise<string> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-e2e-'));
  await placePostgres(join(dataDir, 'postgres'));
  return dataDir;
};

/** Starts the built product as `make run` does, in a folder and on ports of its own; on the event store that is given. */
export const startRunningStack = async (
  options: RunningStackOptions = {},
): Promise<RunningStack> => {
  const dataDir = options.dataDir ?? (await newDataDir());
  const file = join(dataDir, 'endpoints.json');
  const parent = startProgram({
    DATA_DIR: dataDir,
    HTTP_PORT: '0',
    ...(!options.hasOwnKeys && { API_KEYS: apiKeys }),
    LOG_LEVEL: 'warn',
    ...settingsOnGiven,
    ...options.env,
  });
  const { exited, output, errors } = parent;
  let hasEnded = false;
  void exited.then(() => (hasEnded = true));

  const endpoints = async (): Promise<Endpoints> =>
    JSON.parse(await readFile(file, 'utf8')) as Endpoints; // written by the product
  await until(() => hasEnded || output().includes('Punctual is running.'), {
    what: 'the stack says that it runs',
  });
  if (hasEnded) throw new Error(`the stack ended at once: ${parent.errors()}`);
  const { httpUrl } = await endpoints();
  const own = options.hasOwnKeys ? (await keptKeys(keysFile(dataDir))).keys.apiKeys : [];
  return {
    httpUrl,
    dataDir,
    parentPid: parent.pid,
    endpoints,
    keyOf: (principal) =>
      own.find(({ principalId }) => principalId === principal)?.key ?? apiKeyOf(principal),
    output,
    errors,
    exited,
    stop: async ({ keepData = false } = {}) => {
      parent.signal('SIGTERM');
      const code = await exited;
      if (!keepData) await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
      return code;
    },
  };
};
