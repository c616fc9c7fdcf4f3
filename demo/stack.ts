import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type DemoStack = {
  readonly httpUrl: string;
  readonly dataDir: string;
  /** The process that runs projector, dispatcher and rescuer; another one after a restart. */
  readonly corePid: () => Promise<number>;
  readonly stop: () => Promise<void>;
};

const startWithinMs = 120_000;

type Endpoints = { readonly httpUrl: string; readonly pids: Readonly<Record<string, number>> };

/** Starts a whole Punctual in a temporary folder and resolves when it takes requests. */
export const startDemoStack = async (apiKeys: string): Promise<DemoStack> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'punctual-demo-'));
  const parent = spawn(process.execPath, [join(__dirname, '..', 'processes', 'main.js')], {
    env: {
      PATH: process.env['PATH'],
      DATA_DIR: dataDir,
      HTTP_PORT: '0',
      API_KEYS: apiKeys,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    parent.once('exit', () => {
      resolve();
    });
  });
  const endpoints = async (): Promise<Endpoints> =>
    JSON.parse(await readFile(join(dataDir, 'endpoints.json'), 'utf8')) as Endpoints; // our own file

  const stop = async (): Promise<void> => {
    parent.kill('SIGTERM');
    await ended;
    await rm(dataDir, { recursive: true, force: true });
  };
  const giveUpAt = performance.now() + startWithinMs;
  for (;;) {
    const { httpUrl } = await endpoints().catch(() => ({ httpUrl: undefined }));
    if (httpUrl !== undefined)
      return { httpUrl, dataDir, corePid: async () => (await endpoints()).pids['core'] ?? 0, stop };
    if (parent.exitCode !== null || performance.now() > giveUpAt) {
      await stop();
      throw new Error('The stack did not start; its own words are above.');
    }
    await sleep(100);
  }
};
