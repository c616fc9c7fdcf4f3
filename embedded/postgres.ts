import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child';
import type { Child, Exit, ExitInfo } from './child';
import { freePort } from './free-port';
import type { Account } from './postgres-account';
import { accountFor } from './postgres-account';
import { findPostgresBin } from './postgres-binaries';
import { createCluster, giveTo } from './postgres-cluster';
import { answers, postgresUrl, refuseSecondServer } from './postgres-probe';

export type PostgresOptions = {
  readonly dataDir: string;
  /** 0 or absent takes a free port; give it back on the next start to keep it. */
  readonly port?: number;
  /** Server settings that go before the defaults below. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Added to the little that the server inherits. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called once when a server that had become ready ends, asked or not. */
  readonly onExit?: (info: ExitInfo) => void;
};

export type EmbeddedPostgres = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Fast shutdown: open transactions are rolled back. */
  readonly stop: () => Promise<void>;
  readonly exited: Promise<Exit>;
};

/** shared_buffers and max_wal_size as the pipeline was measured with, on two cores. */
const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '256MB',
  max_wal_size: '2GB',
  fsync: 'on',
};

/** Recovery after a crash replays up to max_wal_size of log, on a slow disk for minutes. */
const readyWithinMs = 300_000;
/** How long the processes of a killed server may take to let go of its files. */
const predecessorGraceMs = 15_000;
const stopGraceMs = 15_000;
const freePortTries = 5;

/**
 * Starts a PostgreSQL of our own and resolves when it answers queries.
 * The first start on a directory creates the cluster: superuser `app`, trusted on loopback only.
 *
 * @throws Error in one sentence: nothing to run, port taken, directory in use, or the server's own words
 */
export const startPostgres = async (options: PostgresOptions): Promise<EmbeddedPostgres> => {
  const dataDir = resolve(options.dataDir);
  const bin = await findPostgresBin();
  await mkdir(dirname(dataDir), { recursive: true });
  const account = await accountFor(dataDir, [join(bin, 'postgres'), dirname(dataDir)]);
  await refuseSecondServer(dataDir);
  await createCluster(bin, dataDir, account, options.settings?.['fsync'] === 'off');
  await giveTo(account, dataDir);

  const wantedPort = options.port ?? 0;
  const giveUpAt = Date.now() + predecessorGraceMs;
  for (let tries = 1; ; tries++) {
    const port = wantedPort === 0 ? await freePort() : wantedPort;
    const started = await launch(bin, dataDir, port, account, options);
    if (started.outcome === 'ready') return started.server;
    const failure = started.lastLines.join('\n');
    if (failure.includes('Address already in use')) {
      if (wantedPort === 0 && tries < freePortTries) continue;
      throw new Error(`Port ${port} on 127.0.0.1 is taken by another program.`);
    }
    const predecessorLingers = /lock file .* already exists|is still in use/.test(failure);
    if (!predecessorLingers || Date.now() > giveUpAt) {
      throw new Error(`PostgreSQL in ${dataDir} did not start:\n${failure}`);
    }
    await sleep(100);
  }
};

type Launch =
  | { readonly outcome: 'ready'; readonly server: EmbeddedPostgres }
  | { readonly outcome: 'failed'; readonly lastLines: readonly string[] };

const launch = async (
  bin: string,
  dataDir: string,
  port: number,
  { privileges }: Account,
  { settings, env, onExit }: PostgresOptions,
): Promise<Launch> => {
  let isReady = false;
  // set after the change of account: what a preloaded library makes must be that account's own
  const [command, ...prefix] = [
    ...(env ? ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)] : []),
    join(bin, 'postgres'),
  ];
  const child = await startChild({
    command,
    args: [
      ...prefix,
      '-D',
      dataDir,
      '-p',
      String(port),
      ...asArguments({ ...defaultSettings, ...settings }),
    ],
    deathSignal: 'INT',
    privileges,
    onExit: (info) => {
      if (isReady) onExit?.(info);
    },
  });
  isReady = await untilReady(child, port);
  if (!isReady) {
    await stopServer(child);
    return { outcome: 'failed', lastLines: child.lastLines() };
  }
  const { pid, exited } = child;
  const stop = async () => {
    await stopServer(child);
  };
  return { outcome: 'ready', server: { url: postgresUrl(port), port, pid, stop, exited } };
};

const asArguments = (settings: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

const stopServer = async (child: Child): Promise<Exit> => await child.stop('SIGINT', stopGraceMs);

const untilReady = async (child: Child, port: number): Promise<boolean> => {
  let hasEnded = false;
  void child.exited.then(() => (hasEnded = true));
  const giveUpAt = Date.now() + readyWithinMs;
  while (!hasEnded && Date.now() < giveUpAt) {
    if ((await answers(port)).state === 'ready') return !hasEnded;
    await sleep(10);
  }
  return false;
};
