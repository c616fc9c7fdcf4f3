import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, type Child } from '../../embedded/child';
import { freePort } from './free-port';
import { installNats } from '../../embedded/nats-binary';
import { greets } from '../../embedded/nats-probe';
import { tempFolder } from './temp-folder';
import { until } from './until';

export type NatsServer = {
  readonly port: number;
  /** Of its own; a test may put files there. */
  readonly folder: string;
  /** kill -9, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  readonly signal: (signal: NodeJS.Signals) => void;
  /** Starts it, or starts it again on its port with its store. */
  readonly start: () => Promise<void>;
  /** Writes another configuration for the next start. */
  readonly configure: (config: string) => Promise<void>;
  /** Takes another configuration without a restart, as an administrator would. */
  readonly reconfigure: (config: string) => Promise<void>;
  readonly dispose: () => Promise<void>;
};

/** A broker as an administrator sets it up: `config` is all of it but for the address and the store's folder. */
export const natsServer = async (
  config: string,
  { jetStream = true, jetStreamConfig = '' } = {},
): Promise<NatsServer> => {
  const [binary, port, { path: folder, remove }] = await Promise.all([
    installNats(),
    freePort(),
    tempFolder('nats'),
  ]);
  const file = join(folder, 'nats-server.conf');
  const write = (text: string): Promise<void> => {
    const storage = jetStream
      ? `jetstream { store_dir: ${JSON.stringify(join(folder, 'store'))}\n ${jetStreamConfig} }`
      : '';
    return writeFile(file, `host: "127.0.0.1"\nport: ${port}\n${storage}\n${text}\n`);
  };
  let child: Child | undefined;
  const isUp = async (): Promise<boolean> => await greets(port);
  await mkdir(folder, { recursive: true });
  await write(config);
  const start = async (): Promise<void> => {
    const started = await startChild({ command: binary, args: ['-c', file], deathSignal: 'KILL' });
    child = started;
    let hasEnded = false;
    void started.exited.then(() => (hasEnded = true));
    await until(async () => hasEnded || (await isUp()), { what: 'the broker greets' });
    if (hasEnded) throw new Error(started.lastLines().join('\n'));
  };
  const signal = (name: NodeJS.Signals): void => {
    if (child) process.kill(child.pid, name);
  };
  return {
    port,
    folder,
    signal,
    start,
    kill: async () => {
      signal('SIGKILL');
      await child?.exited;
    },
    configure: write,
    reconfigure: async (text) => {
      await write(text);
      signal('SIGHUP');
    },
    dispose: async () => {
      await child?.stop('SIGKILL', 1_000);
      await remove();
    },
  };
};

/** The same, started. */
export const startNatsServer = async (
  ...args: Parameters<typeof natsServer>
): Promise<NatsServer> => {
  const server = await natsServer(...args);
  try {
    await server.start();
  } catch (error) {
    await server.dispose();
    throw error;
  }
  return server;
};
