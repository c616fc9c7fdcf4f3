type Waiting = { readonly whose: string; readonly go: () => void };

/** @throws the reason of an aborted `signal`, for who still waits */
export type Turns = <T>(whose: string, signal: AbortSignal, work: () => Promise<T>) => Promise<T>;

/** Lets few work at once, one of each owner: who asks for more waits for himself, and the others have their turns. */
export const turns = (atOnce: number): Turns => {
  const working = new Set<string>();
  const waiting = new Set<Waiting>();

  const letGo = (): void => {
    for (const one of waiting) {
      if (working.size >= atOnce) return;
      if (working.has(one.whose)) continue;
      waiting.delete(one);
      working.add(one.whose);
      one.go();
    }
  };
  const turnOf = (whose: string, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const leave = (): void => {
        waiting.delete(one);
        reject(signal.reason as Error); // what `throwIfAborted` throws
      };
      const one: Waiting = {
        whose,
        go: () => {
          signal.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      waiting.add(one);
      letGo();
    });

  return async (whose, signal, work) => {
    await turnOf(whose, signal);
    try {
      return await work();
    } finally {
      working.delete(whose);
      letGo();
    }
  };
};
