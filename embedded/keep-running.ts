import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit } from './child';

/** Something with a process of its own that may die. */
export type Runner = {
  readonly pid: number;
  readonly exited: Promise<Exit>;
  readonly stop: () => Promise<void>;
};

export type Kept<R extends Runner> = {
  /** The one that runs now. */
  readonly current: () => R;
  /** Stops it for good. */
  readonly stop: () => Promise<void>;
};

export type KeepRunningOptions<R extends Runner> = {
  readonly name: string;
  /** Starts it, the second time on the same ports as the first. */
  readonly start: (previous: R | undefined) => Promise<R>;
  readonly onRestart: (runner: R) => void;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void;
};

const firstPauseMs = 100;
const longestPauseMs = 5_000;
/** A runner that lived this long starts again without a pause. */
const healthyMs = 10_000;

/** Starts a runner and starts it again whenever it ends unasked, sooner or later by how long it lived. */
export const keepRunning = async <R extends Runner>(
  options: KeepRunningOptions<R>,
): Promise<Kept<R>> => {
  const { name, start, onRestart, log } = options;
  const stopping = new AbortController();
  let current = await start(undefined);

  const restart = async (pauseMs: number): Promise<void> => {
    await sleep(pauseMs, undefined, { signal: stopping.signal });
    try {
      const next = await start(current);
      if (stopping.signal.aborted) {
        await next.stop();
        return;
      }
      current = next;
      onRestart(next);
      log('info', `${name} runs again`, { pid: next.pid });
    } catch (error) {
      log('error', `${name} did not start`, { error: String(error) });
      await restart(Math.min(longestPauseMs, pauseMs * 2));
    }
  };

  const watch = async (): Promise<void> => {
    let pauseMs = firstPauseMs;
    while (!stopping.signal.aborted) {
      const startedAt = performance.now();
      const exit = await current.exited;
      if (stopping.signal.aborted) return;
      log('warn', `${name} ended unasked and is started again`, exit);
      const livedMs = performance.now() - startedAt;
      pauseMs = livedMs > healthyMs ? firstPauseMs : Math.min(longestPauseMs, pauseMs * 2);
      await restart(pauseMs);
    }
  };
  const watching = watch().catch(() => undefined); // only the abort of a pause gets here

  return {
    current: () => current,
    stop: async () => {
      stopping.abort();
      await current.stop();
      await watching;
    },
  };
};
