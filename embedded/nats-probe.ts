import { readFile, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from './child';

const portsFile = (pid: number | string): string => `nats-server_${pid}.ports`;

/** The client port that a server wrote to its ports file; undefined until it has. */
export const listeningPort = async (storeDir: string, pid: number): Promise<number | undefined> => {
  const text = await readFile(join(storeDir, portsFile(pid)), 'utf8').catch(() => '');
  const url = /nats:\/\/127\.0\.0\.1:(\d+)/.exec(text);
  return url ? Number(url[1]) : undefined;
};

/** Whether a NATS server greets on this port: it sends INFO before it is asked anything. */
export const greets = async (port: number): Promise<boolean> =>
  await new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const end = (isNats: boolean) => {
      socket.destroy();
      resolve(isNats);
    };
    socket.setTimeout(1_000, () => {
      end(false);
    });
    socket.once('error', () => {
      end(false);
    });
    socket.once('data', (greeting: Buffer) => {
      end(greeting.toString('latin1').startsWith('INFO '));
    });
  });

/** A server whose starter died a moment ago may greet once more before its signal arrives. */
const aliveAfterMs = 1_000;

/**
 * nats-server does not lock its store, and two servers on one store destroy it.
 *
 * @throws Error when a server on this store is alive
 */
export const refuseSecondServer = async (storeDir: string): Promise<void> => {
  const aliveAt = Date.now() + aliveAfterMs;
  for (const name of await readdir(storeDir)) {
    const pid = Number(/^nats-server_(\d+)\.ports$/.exec(name)?.[1]);
    if (Number.isNaN(pid)) continue;
    const port = await listeningPort(storeDir, pid);
    while (port !== undefined && isAlive(pid) && (await greets(port))) {
      if (Date.now() > aliveAt) {
        throw new Error(
          `A nats-server (process ${pid}, port ${port}) already runs on ${storeDir}: stop it, or choose another data directory.`,
        );
      }
      await sleep(50);
    }
    await rm(join(storeDir, name), { force: true });
  }
};
