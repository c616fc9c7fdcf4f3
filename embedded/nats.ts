import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child';
import type { Child, Exit, ExitInfo } from './child';
import type { FindNatsOptions } from './nats-binary';
import { installNats } from './nats-binary';
import { greets, listeningPort, refuseSecondServer } from './nats-probe';

export type NatsOptions = FindNatsOptions & {
  readonly storeDir: string;
  /** 0 or absent takes a free port; give it back on a restart, so that clients find it again. */
  readonly port?: number;
  /** JetStream's share of the disk; 10 GiB unless told. */
  readonly maxFileStoreBytes?: number;
  /** Largest message; 1 MiB unless told. */
  readonly maxPayloadBytes?: number;
  /** Called once when a server that had become ready ends, asked or not. */
  readonly onExit?: (info: ExitInfo) => void;
};

export type EmbeddedNats = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
  readonly exited: Promise<Exit>;
};

const mebibyte = 1024 ** 2;
const defaultMaxFileStoreBytes = 10 * 1024 * mebibyte;
const maxMemoryStoreBytes = 256 * mebibyte;
const defaultMaxPayloadBytes = mebibyte;

/** A client that is frozen, or cut off without a word, is dropped within some six seconds: its share of requests goes to others. */
const pingEverySeconds = 2;
const unansweredPings = 2;

/** A large store is read through before the first greeting. */
const readyWithinMs = 60_000;
/** On a full disk nats-server 2.9 does not end on SIGTERM (it was watched for 11 minutes). */
const stopGraceMs = 10_000;

/**
 * Starts a nats-server with JetStream on loopback and resolves when it greets clients.
 * The binary is installed from the system's package archive when the machine has none.
 *
 * @throws Error in one sentence: nothing to run, port taken, store in use, or the server's own words
 */
export const startNats = async (options: NatsOptions): Promise<EmbeddedNats> => {
  const storeDir = resolve(options.storeDir);
  const binary = await installNats(options);
  await mkdir(storeDir, { recursive: true, mode: 0o700 });
  await refuseSecondServer(storeDir);
  const configFile = join(storeDir, 'nats-server.conf');
  await writeFile(configFile, configText(storeDir, options));

  let isReady = false;
  const child = await startChild({
    command: binary,
    args: ['-c', configFile],
    deathSignal: 'KILL', // an orphan on a full disk ignores anything milder, and the store survives it
    onExit: (info) => {
      if (isReady) options.onExit?.(info);
    },
  });
  const port = await untilReady(child, storeDir);
  if (port === undefined) {
    await child.stop('SIGTERM', stopGraceMs);
    throw new Error(explain(child.lastLines().join('\n'), storeDir, options.port));
  }
  isReady = true;
  const stop = async () => {
    await child.stop('SIGTERM', stopGraceMs);
  };
  return { url: `nats://127.0.0.1:${port}`, port, pid: child.pid, stop, exited: child.exited };
};

/** Quoted strings are JSON's; -1 lets the server pick a port, which it writes to its ports file. */
const configText = (
  storeDir: string,
  { port = 0, maxFileStoreBytes, maxPayloadBytes }: NatsOptions,
): string =>
  [
    `host: "127.0.0.1"`,
    `port: ${port === 0 ? -1 : port}`,
    `ports_file_dir: ${JSON.stringify(storeDir)}`,
    `max_payload: ${maxPayloadBytes ?? defaultMaxPayloadBytes}`,
    `ping_interval: "${pingEverySeconds}s"`,
    `ping_max: ${unansweredPings}`,
    `jetstream {`,
    `  store_dir: ${JSON.stringify(storeDir)}`,
    `  max_file_store: ${maxFileStoreBytes ?? defaultMaxFileStoreBytes}`,
    `  max_memory_store: ${maxMemoryStoreBytes}`,
    `}`,
    ``,
  ].join('\n');

const untilReady = async (child: Child, storeDir: string): Promise<number | undefined> => {
  let hasEnded = false;
  void child.exited.then(() => (hasEnded = true));
  const giveUpAt = Date.now() + readyWithinMs;
  while (!hasEnded && Date.now() < giveUpAt) {
    const port = await listeningPort(storeDir, child.pid);
    if (port !== undefined && (await greets(port))) return hasEnded ? undefined : port;
    await sleep(10);
  }
  return undefined;
};

const explain = (output: string, storeDir: string, port = 0): string =>
  output.includes('address already in use')
    ? `Port ${port} on 127.0.0.1 is taken by another program.`
    : `nats-server in ${storeDir} did not start:\n${output}`;
