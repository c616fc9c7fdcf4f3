type Work<T> = {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
};

/** @throws the reason of an aborted `signal`, or what the work throws */
export type SharedWork<T> = (
  key: string,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<T>;

const untilAborted = async <T>(result: Promise<T>, signal: AbortSignal): Promise<T> => {
  let leave: (() => void) | undefined;
  const left = new Promise<never>((_resolve, reject) => {
    leave = () => reject(signal.reason as Error); // what `throwIfAborted` throws
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([result, left]);
  } finally {
    if (leave) signal.removeEventListener('abort', leave);
  }
};

/** Who asks for what is being made already waits for that; it ends when the last of them has gone. */
export const sharedWork = <T>(): SharedWork<T> => {
  const underWay = new Map<string, Work<T>>();

  const begin = (key: string, work: (signal: AbortSignal) => Promise<T>): Work<T> => {
    const controller = new AbortController();
    const forget = (): void => {
      if (underWay.get(key) === one) underWay.delete(key);
    };
    const result = work(controller.signal).finally(forget);
    result.catch(() => undefined); // whoever waits is told
    const one: Work<T> = { result, controller, waiting: 0 };
    underWay.set(key, one);
    return one;
  };

  return async (key, signal, work) => {
    signal.throwIfAborted();
    const one = underWay.get(key) ?? begin(key, work);
    one.waiting += 1;
    try {
      return await untilAborted(one.result, signal);
    } finally {
      one.waiting -= 1;
      if (one.waiting === 0) {
        if (underWay.get(key) === one) underWay.delete(key);
        one.controller.abort();
      }
    }
  };
};
