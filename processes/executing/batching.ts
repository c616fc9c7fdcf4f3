export type BatchingDeps<Request, Answer> = {
  /** Sends requests together. @returns the answers in order */
  readonly send: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly maxItems: number;
  /** Most bytes that one batch may have, by `sizeOf`; one larger request still goes alone. */
  readonly maxBytes: () => number;
  readonly sizeOf: (request: Request) => number;
};

type Waiting<Request, Answer> = {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Sends a request immediately when none is in flight, else collects what comes meanwhile: alone it is as fast
 * as can be, and under load the batches grow by themselves. No timer is involved.
 */
export const batching = <Request, Answer>({
  send,
  maxItems,
  maxBytes,
  sizeOf,
}: BatchingDeps<Request, Answer>): ((request: Request) => Promise<Answer>) => {
  const queue: Waiting<Request, Answer>[] = [];
  let underWay = 0;

  const nextBatch = (): readonly Waiting<Request, Answer>[] => {
    let count = 0;
    const room = maxBytes();
    for (let bytes = 0; count < Math.min(queue.length, maxItems); count++) {
      const waiting = queue[count];
      bytes += waiting ? sizeOf(waiting.request) : 0;
      if (count > 0 && bytes > room) break;
    }
    return queue.splice(0, count);
  };
  const flush = async (): Promise<void> => {
    underWay += 1;
    const batch = nextBatch();
    try {
      const answers = await send(batch.map(({ request }) => request));
      batch.forEach(({ resolve, reject }, index) => {
        const answer = answers[index];
        if (answer === undefined) reject(new Error('the answer to a batch is too short'));
        else resolve(answer);
      });
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      underWay -= 1;
      go();
    }
  };
  const go = (): void => {
    while (queue.length > 0 && (underWay === 0 || queue.length >= maxItems)) void flush();
  };

  return (request) =>
    new Promise((resolve, reject) => {
      queue.push({ request, resolve, reject });
      go();
    });
};
