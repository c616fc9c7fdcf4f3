import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type Follower = {
  /** How far it has heard. */
  readonly position: () => bigint;
  /** Connections that ended, and were opened again where the last one was. */
  readonly cuts: () => number;
  readonly stop: () => void;
};

const RETRY_MS = 500;
/** Holds the last id whatever came before it. */
const TAIL = 1_024;

/** One chunk at a time, at its pace. */
const readAt = (response: IncomingMessage, bytesPerSecond: number): void => {
  response.on('data', (chunk: Buffer) => {
    response.pause();
    setTimeout(() => response.resume(), (chunk.length * 1_000) / bytesPerSecond);
  });
};

/** Follows `/v1/live` as a program does: resumes where it was cut, and looks at nothing but the ids. */
export const follow = (url: string, key: string, bytesPerSecond = Infinity): Follower => {
  let [position, cuts] = [-1n, 0];
  let isOver = false;
  let current: ReturnType<typeof get> | undefined;
  const listen = (): Promise<void> =>
    new Promise((resolve) => {
      const headers = {
        authorization: `Bearer ${key}`,
        ...(position >= 0n && { 'last-event-id': String(position) }),
      };
      current = get(url, { headers, agent: false }, (response) => {
        let tail = '';
        response.on('data', (chunk: Buffer) => {
          tail = (tail + chunk.subarray(-TAIL).toString('latin1')).slice(-TAIL);
          const id = /^.*\nid: (\d+)\n/s.exec(tail)?.[1];
          if (id !== undefined) position = BigInt(id);
        });
        if (Number.isFinite(bytesPerSecond)) readAt(response, bytesPerSecond);
        response.on('close', resolve);
      });
      current.on('error', () => {
        resolve();
      });
    });
  const run = async (): Promise<void> => {
    while (!isOver) {
      await listen();
      cuts += 1;
      await sleep(RETRY_MS);
    }
  };
  void run();
  return {
    position: () => position,
    cuts: () => cuts,
    stop: () => {
      isOver = true;
      current?.destroy();
    },
  };
};
