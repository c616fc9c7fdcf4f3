import { join, resolve } from 'node:path';
import { keepRunning, type Kept } from '../../embedded/keep-running';
import { startNodeChild, type NodeChild } from '../../embedded/node-child';
import { startStack, type Log, type Stack } from '../../embedded/stack';
import { withoutSecrets } from '../../infra/server-check';
import { childEnvironment, type Config } from '../settings/config';
import type { ProcessName } from '../settings/process-names';
import { readEndpoints, writeEndpoints } from './endpoints';
import { signInLink } from './sign-in-link';
import { giveWay } from '../runtime/give-way';
import { CHILD_STOPS_WITHIN_MS } from '../runtime/stop-limits';
import { keptKeys, keysFile, type Keys } from './keys';
import { keepLogSealKey, logSealKeyFile, publicKeyFile } from './log-seal-key';
import { makeDataDir } from './secret-file';

/** What a worker says on stdout when all of its processes run. */
export type WorkerReady = { readonly httpUrl?: string; readonly metricsUrl?: string };

/**
 * Which processes share a thread: measured best on two cores (docs/adr/0006-three-children.md). The
 * dispatcher and the gateway append most and never share one; a hundred thousand schedules of one midnight must not
 * hold up the jobs of others, nor must calls of webhooks; what can wait gives way to all others.
 */
const groups = {
  core: ['projector', 'dispatcher', 'rescuer'],
  plan: ['planner', 'notifier'],
  archive: ['archivist', 'bulk-changer'],
  edge: ['web', 'executor-gateway', 'executor'],
} as const satisfies Record<string, readonly ProcessName[]>;

const readyWithinMs = 60_000;

export type SupervisorDeps = {
  readonly config: Config;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  /** Told once everything runs: the text for a person. */
  readonly announce: (text: string) => void;
};

type Worker = Kept<NodeChild & { readonly stop: () => Promise<void> }>;

const startWorker = (
  name: keyof typeof groups,
  { env, log }: SupervisorDeps,
  settings: Readonly<Record<string, string>>,
  onRestart: () => void,
): Promise<Worker> => {
  let httpPort: string | undefined;
  return keepRunning({
    name,
    log,
    onRestart,
    start: async () => {
      const child = await startNodeChild({
        script: join(__dirname, '..', 'main.js'),
        env: childEnvironment(env, {
          ...settings,
          ...(httpPort !== undefined && { HTTP_PORT: httpPort }),
          PROCESSES: groups[name].join(','),
        }),
        readyWithinMs,
      });
      if (name === 'archive') giveWay(child.pid);
      const { httpUrl } = child.ready as WorkerReady; // our own program's first line
      if (httpUrl !== undefined) httpPort = new URL(httpUrl).port;
      return { ...child, stop: () => child.stop(CHILD_STOPS_WITHIN_MS[name]) };
    },
  });
};

const given = ({ EVENTSTORE_URL, POSTGRES_URL, NATS_URL }: Config) => ({
  ...(EVENTSTORE_URL !== undefined && { eventstoreUrl: EVENTSTORE_URL }),
  ...(POSTGRES_URL !== undefined && { postgresUrl: POSTGRES_URL }),
  ...(NATS_URL !== undefined && { natsUrl: NATS_URL }),
});

const apiKeysText = (keys: readonly { key: string; principalId: string; role: string }[]): string =>
  keys.map(({ key, principalId, role }) => `${key}:${principalId}:${role}`).join(',');

/** Nobody said who may come in: those who have the keys that are made here. */
const isOpenToOwnKeys = ({ apiKeys, JWKS_URL }: Config): boolean =>
  apiKeys.length === 0 && JWKS_URL === undefined;

const workerSettings = (
  config: Config,
  stack: Stack,
  keys: Keys,
  sealKeyFile: string,
): Record<string, string> => ({
  LOG_SEAL_KEY_FILE: sealKeyFile,
  EVENTSTORE_URL: stack.eventstoreUrl,
  POSTGRES_URL: stack.postgresUrl,
  NATS_URL: stack.natsUrl,
  SIGNING_SECRET: config.SIGNING_SECRET ?? keys.sealSecret,
  WEBHOOK_SECRET: config.WEBHOOK_SECRET ?? keys.webhookSecret,
  ...(isOpenToOwnKeys(config) && { API_KEYS: apiKeysText(keys.apiKeys) }),
});

const announcement = (
  config: Config,
  stack: Stack,
  httpUrl: string,
  keys: Keys,
  areNew: boolean,
  sealKeyFile: string,
  link: string | undefined,
): string => {
  const keyLines = isOpenToOwnKeys(config)
    ? keys.apiKeys.map(
        ({ key, principalId, role }) => `  key          ${key}  (${role} "${principalId}")`,
      )
    : [];
  return [
    'Punctual is running.',
    `  console      ${config.PUBLIC_URL ?? `${httpUrl}/`}`,
    ...(link === undefined ? [] : [`    sign in    ${link}   (once, within a minute)`]),
    `  API          ${httpUrl}/v1   docs: ${httpUrl}/docs`,
    `  event store  ${withoutSecrets(stack.eventstoreUrl)}`,
    `  Postgres     ${withoutSecrets(stack.postgresUrl)}`,
    `  NATS         ${withoutSecrets(stack.natsUrl)}`,
    ...keyLines,
    `  log seals    signed with ${sealKeyFile}, checked with ${publicKeyFile(sealKeyFile)}`,
    ...(areNew ? [`  new keys are kept in ${keysFile(config.DATA_DIR)}`] : []),
    '  Ctrl-C stops all of it.',
  ].join('\n');
};

/** Starts the servers that are not given and the workers under one parent; resolves when all of it has stopped. */
export const supervise = async (deps: SupervisorDeps, signal: AbortSignal): Promise<void> => {
  const { config, log } = deps;
  const dataDir = resolve(config.DATA_DIR);
  await makeDataDir(dataDir);
  const { keys, areNew } = await keptKeys(keysFile(dataDir));
  const sealKeyFile = resolve(config.LOG_SEAL_KEY_FILE ?? logSealKeyFile(dataDir));
  if (config.LOG_SEAL_KEY_FILE === undefined) await keepLogSealKey(sealKeyFile);
  const workers = new Map<keyof typeof groups, Worker>();
  let publish = (): void => undefined;
  const onRestart = (): void => {
    publish();
  };
  const stack = await startStack({
    dataDir,
    given: given(config),
    remembered: (await readEndpoints(dataDir)) ?? {},
    log,
    onRestart,
  });
  try {
    const settings = workerSettings(config, stack, keys, sealKeyFile);
    const start = async (name: keyof typeof groups, more: object = {}): Promise<Worker> => {
      const worker = await startWorker(name, deps, { ...settings, ...more }, onRestart);
      workers.set(name, worker);
      return worker;
    };
    // side by side: most of it is loading modules, and there are two cores
    const [core, edge] = await bothOf(start('core', { METRICS_PORT: '0' }), start('edge'));
    const [plan, archive] = await bothOf(
      start('plan', { METRICS_PORT: '0' }),
      start('archive', { METRICS_PORT: '0' }),
    );

    const httpUrl = (edge.current().ready as WorkerReady).httpUrl ?? '';
    const write = async (): Promise<void> => {
      await writeEndpoints(dataDir, {
        httpUrl,
        eventstoreUrl: stack.eventstoreUrl,
        postgresUrl: stack.postgresUrl,
        natsUrl: stack.natsUrl,
        systemPrefix: config.SYSTEM_PREFIX,
        coreMetricsUrl: (core.current().ready as WorkerReady).metricsUrl ?? '',
        planMetricsUrl: (plan.current().ready as WorkerReady).metricsUrl ?? '',
        archiveMetricsUrl: (archive.current().ready as WorkerReady).metricsUrl ?? '',
        pids: {
          ...stack.pids(),
          core: core.current().pid,
          plan: plan.current().pid,
          edge: edge.current().pid,
          archive: archive.current().pid,
        },
      });
    };
    publish = () => {
      write().catch((error: unknown) => {
        log('error', 'endpoints.json was not written', { error: String(error) });
      });
    };
    await write();
    const link = isOpenToOwnKeys(config)
      ? await signInLink(httpUrl, config.PUBLIC_URL, keys.apiKeys[0]?.key ?? '')
      : undefined;
    deps.announce(announcement(config, stack, httpUrl, keys, areNew, sealKeyFile, link));
    await aborted(signal);
  } finally {
    // the API first: those who still wait for an answer read what is projected
    await workers.get('edge')?.stop();
    await Promise.all([
      workers.get('core')?.stop(),
      workers.get('plan')?.stop(),
      workers.get('archive')?.stop(),
    ]);
    await stack.stop();
  }
};

/** Both, or the first error once neither is under way any more: what was started can then be stopped. */
const bothOf = async <T>(one: Promise<T>, other: Promise<T>): Promise<readonly [T, T]> => {
  await Promise.allSettled([one, other]);
  return [await one, await other];
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
  });
