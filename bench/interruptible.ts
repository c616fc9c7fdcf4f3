/** Does `work`, or throws as soon as the signal aborts, so that what it works on can be taken down. */
export const interruptible = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
  let interrupt = (): void => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    interrupt = () => {
      reject(new Error('interrupted'));
    };
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
  });
  const working = work();
  working.catch(() => undefined); // after an interrupt nobody waits for it
  try {
    return await Promise.race([working, interrupted]);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
};
