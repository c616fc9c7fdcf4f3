/** How far the read model was behind the log when that was last told, and when that was on the page's own clock. */
let lag: { readonly ms: number; readonly at: number } | undefined;
const listeners = new Set<() => void>();

export const lagStore = {
  current: (): typeof lag => lag,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  hear: (ms: number): void => {
    lag = { ms, at: performance.now() };
    for (const listener of listeners) listener();
  },
};
