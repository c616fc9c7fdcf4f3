import type { Timers } from './timers';

/** Lets a loop sleep until it is called or some time has passed; a call while it is awake is not lost. */
export type WakeUp = {
  readonly call: () => void;
  readonly wait: (maxMs: number) => Promise<void>;
};

export const wakeUp = (timers: Timers): WakeUp => {
  let isCalled = false;
  let wake: (() => void) | undefined;
  return {
    call: () => {
      isCalled = true;
      wake?.();
    },
    wait: async (maxMs) => {
      if (!isCalled && maxMs > 0)
        await new Promise<void>((resolve) => {
          const cancel = timers.after(maxMs, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      wake = undefined;
      isCalled = false;
    },
  };
};
