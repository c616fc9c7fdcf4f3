import { setTimeout as sleep } from 'node:timers/promises';
import { contained } from '../contained';
import { openSession, type SessionOptions } from './session';

export type NoticeHandlers = {
  readonly onMessage: (payload: string) => void;
  /** The connection that listens is new: messages may have been missed, so read again. */
  readonly onConnect: () => void;
};

export type Listener = {
  /** From now on; `onConnect` is called immediately when it listens already. @returns how to end it */
  readonly subscribe: (handlers: NoticeHandlers) => () => void;
  readonly isConnected: () => boolean;
  readonly stop: () => Promise<void>;
};

export type ListenOptions = SessionOptions & {
  readonly channel: string;
  /** Told of each lost connection and each one that failed, which is tried again anyway, and of what a handler throws. */
  readonly onFault?: (error: unknown) => void;
};

const RETRY_BASE_MS = 50;
const RETRY_CAP_MS = 1_000;

/**
 * Listens on one channel with a connection of its own, and again after each loss, as long as the program
 * runs. Notices are hints: those sent while it is cut off are gone.
 */
export const listenTo = (options: ListenOptions): Listener => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const subscribers = new Set<NoticeHandlers>();
  const onFault = (error: unknown): void => options.onFault?.(error);
  let isConnected = false;
  let failures = 0;

  /** One life of a connection; throws why it ended, unless that was asked for. */
  const listenOnce = async (): Promise<void> => {
    const session = await openSession(options);
    try {
      const { client } = session;
      client.on('notification', ({ payload = '' }) => {
        for (const { onMessage } of subscribers) onMessage(payload);
      });
      await client.query(`listen ${client.escapeIdentifier(options.channel)}`);
      isConnected = true;
      failures = 0;
      for (const { onConnect } of subscribers) onConnect();
      const reason = await Promise.race([session.lost, stopped]);
      if (reason) throw reason;
    } finally {
      isConnected = false;
      await session.close();
    }
  };

  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await listenOnce();
      } catch (error) {
        onFault(error);
        const longestMs = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** failures++);
        // rejects only when stopping, which the loop sees by itself
        await sleep(Math.random() * longestMs, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  const running = run();

  return {
    subscribe: ({ onMessage, onConnect }) => {
      const handlers = {
        onMessage: contained(onMessage, onFault),
        onConnect: contained(onConnect, onFault),
      };
      subscribers.add(handlers);
      if (isConnected) handlers.onConnect();
      return () => subscribers.delete(handlers);
    },
    isConnected: () => isConnected,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
