import type { Timers } from '../../processes/runtime/timers';

export type ManualTimers = Timers & {
  /** Lets time pass, running what falls due on the way, in order. */
  readonly advance: (ms: number) => void;
  /** How many timers are set. */
  readonly pending: () => number;
};

/** Time that stands still until a test moves it. */
export const manualTimers = (startMs = 0): ManualTimers => {
  let nowMs = startMs;
  const timers = new Map<object, { readonly atMs: number; readonly run: () => void }>();
  const advance = (ms: number): void => {
    const endMs = nowMs + ms;
    for (;;) {
      const [next] = [...timers]
        .filter(([, { atMs }]) => atMs <= endMs)
        .sort((a, b) => a[1].atMs - b[1].atMs);
      if (!next) break;
      const [key, { atMs, run }] = next;
      timers.delete(key);
      nowMs = Math.max(nowMs, atMs);
      run();
    }
    nowMs = endMs;
  };
  return {
    monotonicMs: () => nowMs,
    after: (delayMs, run) => {
      const key = {};
      timers.set(key, { atMs: nowMs + delayMs, run });
      return () => {
        timers.delete(key);
      };
    },
    advance,
    pending: () => timers.size,
  };
};
