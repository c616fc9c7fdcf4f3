import { createContext, useContext, useSyncExternalStore } from 'react';
import { clockStore, serverNow } from './clock';

let now = serverNow();
let timer: number | undefined;
const listeners = new Set<() => void>();

const tick = (): void => {
  now = serverNow();
  for (const listener of listeners) listener();
};

clockStore.subscribe(tick);

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  timer ??= window.setInterval(tick, 1_000);
  now = serverNow();
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

const neverTicks = (): (() => void) => () => undefined;

/** The time at which what is within stands still: that of a page of the past. */
export const Then = createContext<number | undefined>(undefined);

/** The time by the server's clock, once a second for all who ask; in the past the time of then. */
export const useNow = (): number => {
  const then = useContext(Then);
  const ticking = useSyncExternalStore(then === undefined ? subscribe : neverTicks, () => now);
  return then ?? ticking;
};
