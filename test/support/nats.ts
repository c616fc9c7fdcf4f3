import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmbeddedNats, NatsOptions } from '../../embedded/nats';
import { startNats } from '../../embedded/nats';
import { tempFolder } from './temp-folder';

export type TestNats = {
  readonly url: string;
  readonly port: number;
  /** kill -9, as a crash would. */
  readonly kill: () => Promise<void>;
  /** Freezes and thaws the broker: it takes connections and answers nothing. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Starts again on the same port, which clients reconnect to. */
  readonly start: () => Promise<void>;
  /** Deletes all that the broker has stored; it must not run. */
  readonly loseStore: () => Promise<void>;
  /** Stops the broker and removes its files. */
  readonly dispose: () => Promise<void>;
};

/** A broker of one test's own (about 25 ms), to be killed, paused, or emptied. */
export const ownNats = async (
  options: Pick<NatsOptions, 'maxPayloadBytes'> = {},
): Promise<TestNats> => {
  const folder = await tempFolder('nats');
  const storeDir = join(folder.path, 'store');
  let server: EmbeddedNats = await startNats({ ...options, storeDir });
  const { url, port } = server;
  return {
    url,
    port,
    kill: async () => {
      process.kill(server.pid, 'SIGKILL');
      await server.exited;
    },
    pause: () => process.kill(server.pid, 'SIGSTOP'),
    resume: () => process.kill(server.pid, 'SIGCONT'),
    start: async () => {
      server = await startNats({ ...options, storeDir, port });
    },
    loseStore: async () => {
      await rm(storeDir, { recursive: true, force: true });
    },
    dispose: async () => {
      await server.stop();
      await folder.remove();
    },
  };
};
