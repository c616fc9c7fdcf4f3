import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from '../processes/composition/endpoints';

/** The owners of the bench's jobs, each with a key. */
export const owners: readonly string[] = Array.from({ length: 16 }, (_, n) => `owner-${n}`);

export const keyOf = (owner: string): string => `bench-key-of-${owner}`;

export type StackOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Told of each line on the stack's stdout; without it stdout leads nowhere. */
  readonly onLine?: (line: string) => void;
  readonly profileDir?: string;
};

/** A whole Punctual as `make run` starts it: three children and their servers under one parent. */
export type Stack = {
  readonly endpoints: () => Promise<Endpoints>;
  readonly parentPid: number;
  readonly stop: () => Promise<void>;
};

const startWithinMs = 120_000;

const apiKeys = owners.map((owner) => `${keyOf(owner)}:${owner}:user`).join(',');

const lastWords = async (logFile: string): Promise<string> =>
  (await readFile(logFile, 'utf8').catch(() => '')).slice(-2_000);

/** Starts a stack in a temporary folder and resolves when it takes requests. */
export const startStack = async (options: StackOptions = {}): Promise<Stack> => {
  const { env, onLine, profileDir } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-bench-'));
  const logFile = join(dataDir, 'stderr.log');
  const log = openSync(logFile, 'a');
  const parent = spawn(process.execPath, [join(__dirname, '..', 'processes', 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      HTTP_PORT: '0',
      API_KEYS: apiKeys,
      ...(profileDir !== undefined && {
        NODE_OPTIONS: `--require=${join(__dirname, 'profiler.js')} --diagnostic-dir=${profileDir}`,
      }),
      ...env,
    },
    stdio: ['ignore', onLine ? 'pipe' : 'ignore', log],
  });
  closeSync(log); // the stack has its own copy
  if (onLine && parent.stdout) createInterface({ input: parent.stdout }).on('line', onLine);
  const ended = new Promise<void>((resolve) => {
    parent.once('exit', () => {
      resolve();
    });
  });
  const stop = async (): Promise<void> => {
    parent.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  const endpoints = async (): Promise<Endpoints> =>
    JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8')) as Endpoints; // the product's own file

  const giveUpAt = performance.now() + startWithinMs;
  for (;;) {
    const started = await endpoints().catch(() => undefined);
    if (started) return { endpoints, parentPid: parent.pid ?? 0, stop };
    if (parent.exitCode !== null || performance.now() > giveUpAt) {
      const words = await lastWords(logFile);
      await stop();
      throw new Error(`the stack did not start: ${words}`);
    }
    await sleep(50);
  }
};
