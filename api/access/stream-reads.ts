export type StreamReadLimits = {
  /** Reads of one principal that are under way at once; its others wait … */
  readonly perPrincipal: number;
  /** … no more than so many. */
  readonly waiting: number;
  /** Reads under way of all. */
  readonly total: number;
};

const usualLimits: StreamReadLimits = { perPrincipal: 4, waiting: 64, total: 64 };

/**
 * Reads of single streams for those who ask for what the read model does not have. One who asks for many unknown
 * jobs waits for itself, and the event store is not asked more than it can bear.
 *
 * @returns undefined when too many are under way or wait
 */
export const streamReads = ({ perPrincipal, waiting, total } = usualLimits) => {
  let underWay = 0;
  const principals = new Map<string, { running: number; readonly queue: (() => void)[] }>();

  const begin = async (principalId: string): Promise<boolean> => {
    const own = principals.get(principalId) ?? { running: 0, queue: [] };
    principals.set(principalId, own);
    if (own.running >= perPrincipal) {
      if (own.queue.length >= waiting) return false;
      // the place of the one before is handed over
      await new Promise<void>((resolve) => own.queue.push(resolve));
      return true;
    }
    if (underWay >= total) return false;
    own.running += 1;
    underWay += 1;
    return true;
  };

  const end = (principalId: string): void => {
    const own = principals.get(principalId);
    const next = own?.queue.shift();
    if (next) {
      next();
      return;
    }
    underWay -= 1;
    if (own && --own.running === 0) principals.delete(principalId);
  };

  return async <T>(
    principalId: string,
    read: () => Promise<T>,
  ): Promise<{ readonly value: T } | undefined> => {
    if (!(await begin(principalId))) {
      return undefined;
    }
    try {
      return { value: await read() };
    } finally {
      end(principalId);
    }
  };
};

export type StreamReads = ReturnType<typeof streamReads>;
