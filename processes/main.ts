import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { createLogger } from '../infra/logger';
import { withoutPasswords } from '../infra/passwords';
import { ServerUnfit } from '../infra/server-check';
import { doubleSettings, parseConfig, type Config } from './settings/config';
import { processNames } from './settings/process-names';
import { readEndpoints } from './composition/endpoints';
import { findLogSealKeyFile } from './composition/log-seal-key';
import { keptSigningSecret, keysFile } from './composition/keys';
import type { WorkerConfig } from './composition/shared';
import { supervise } from './composition/supervisor';
import { STOP_WITHIN_MS } from './runtime/stop-limits';
import { asGiven, formerlyNamed } from './settings/variables';
import { runWorker } from './composition/worker';

/** What a program that runs some processes needs; the servers it was not told are those of the stack on its folder. */
const workerConfig = async (config: Config): Promise<WorkerConfig> => {
  const found = await readEndpoints(resolve(config.DATA_DIR));
  const { EVENTSTORE_URL, POSTGRES_URL, NATS_URL, SYSTEM_PREFIX } = config;
  const [eventstore, postgres, nats] = [
    EVENTSTORE_URL ?? found?.eventstoreUrl,
    POSTGRES_URL ?? found?.postgresUrl,
    NATS_URL ?? found?.natsUrl,
  ];
  // whoever names a log names its system with it
  const prefix = SYSTEM_PREFIX ?? (EVENTSTORE_URL === undefined ? found?.systemPrefix : undefined);
  if (eventstore === undefined || postgres === undefined || nats === undefined)
    throw new Error(
      'PUNCTUAL_PROCESSES needs PUNCTUAL_EVENTSTORE_URL, PUNCTUAL_POSTGRES_URL and PUNCTUAL_NATS_URL, or a PUNCTUAL_DATA_DIR on which a stack runs (make run).',
    );
  const signs = config.processes?.includes('archivist') === true;
  return {
    ...config,
    ...(signs && {
      LOG_SEAL_KEY_FILE: await findLogSealKeyFile(config.LOG_SEAL_KEY_FILE, config.DATA_DIR),
    }),
    EVENTSTORE_URL: eventstore,
    POSTGRES_URL: postgres,
    NATS_URL: nats,
    ...(prefix !== undefined && { SYSTEM_PREFIX: prefix }),
    SIGNING_SECRET:
      config.SIGNING_SECRET ??
      (EVENTSTORE_URL === undefined
        ? await keptSigningSecret(keysFile(config.DATA_DIR))
        : undefined) ??
      randomBytes(32).toString('base64url'),
  };
};

/** Who asks for help, or takes this for the command line, is answered and gets no stack. */
const refuseArguments = ([first]: readonly string[]): void => {
  if (first !== undefined)
    throw new Error(
      `This takes no arguments and was given "${first}": settings are variables named PUNCTUAL_… (docs/settings.md). For commands see punctual --help.`,
    );
};

const refuseOpenDoor = ({
  apiKeys,
  JWKS_URL,
  EVENTSTORE_URL,
  POSTGRES_URL,
  NATS_URL,
}: Config): void => {
  const isExternal = [EVENTSTORE_URL, POSTGRES_URL, NATS_URL].some((url) => url !== undefined);
  if (isExternal && apiKeys.length === 0 && JWKS_URL === undefined)
    throw new Error(
      'With external servers set PUNCTUAL_API_KEYS or PUNCTUAL_JWKS_URL (docs/settings.md).',
    );
};

/** What is under way then is done by others, as after a kill; children die with their parent. */
const endWithin = (withinMs: number, logger: ReturnType<typeof createLogger>): void => {
  setTimeout(() => {
    logger.error({ withinMs }, 'not everything has stopped in time; ending all the same');
    process.exit(1);
  }, withinMs).unref();
};

const main = async (): Promise<void> => {
  refuseArguments(process.argv.slice(2));
  const config = parseConfig(process.env);
  const name = config.processes?.join(',') ?? 'supervisor';
  const logger = createLogger({ level: config.LOG_LEVEL, name }, process.stderr);
  const stopping = new AbortController();
  const stopWithinMs = STOP_WITHIN_MS[config.processes === undefined ? 'supervisor' : 'worker'];
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (!stopping.signal.aborted) endWithin(stopWithinMs, logger);
      stopping.abort();
    });
  for (const told of [doubleSettings(process.env), formerlyNamed(process.env)])
    if (told !== undefined) logger.warn(told);
  refuseOpenDoor(config);
  if (config.processes === undefined) {
    const deps = {
      config,
      env: process.env,
      log: (level: 'info' | 'warn' | 'error', message: string, fields: object = {}) => {
        logger[level](fields, message);
      },
      announce: (text: string) => {
        process.stdout.write(`${text}\n`);
      },
    };
    await supervise(deps, stopping.signal);
    return;
  }
  const names = processNames.filter((one) => config.processes?.includes(one));
  await runWorker(
    {
      config: await workerConfig(config),
      names,
      logger,
      onReady: (ready) => {
        process.stdout.write(`${JSON.stringify({ ready: true, ...ready })}\n`);
      },
    },
    stopping.signal,
  );
};

/** Of a server that is not as needed, the sentence for who set it up; of all else, where it happened too. */
const told = (error: unknown): string => {
  if (error instanceof ServerUnfit) return asGiven(process.env, error.message);
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};

main().then(
  () => process.exit(0),
  (error: unknown) => {
    const errors = error instanceof AggregateError ? error.errors : [error];
    for (const one of errors) process.stderr.write(`${withoutPasswords(told(one))}\n`);
    process.exit(1);
  },
);
