import type { Instant } from '../../domain/time';
import type { Timers } from '../runtime/timers';

/** One timer for the next due time. */
export type Alarm = {
  /** Rings at `dueAt` and not before, instead of at what was set earlier; undefined silences it. */
  readonly set: (dueAt: Instant | undefined) => void;
};

/** Longest sleep: clocks may be set while we sleep, so the time is looked at again. */
const MAX_SLEEP_MS = 250;

/** @param now  the time that decides; asked again when the timer fires, for timers may fire early */
export const alarm = (timers: Timers, now: () => Instant, ring: () => void): Alarm => {
  let target: Instant | undefined;
  let cancel: (() => void) | undefined;

  const sleep = (): void => {
    cancel?.();
    cancel = undefined;
    if (target === undefined) return;
    const delayMs = Math.min(MAX_SLEEP_MS, Math.max(1, target - now()));
    cancel = timers.after(delayMs, wake);
  };
  const wake = (): void => {
    cancel = undefined;
    if (target === undefined) return;
    if (now() < target) {
      sleep();
      return;
    }
    target = undefined;
    ring();
  };

  return {
    set: (dueAt) => {
      if (dueAt === target && cancel !== undefined) return;
      target = dueAt;
      sleep();
    },
  };
};
