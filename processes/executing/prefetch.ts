import type { Draw } from '../../domain/chance';
import type { DueMessage, DueQueue, Pull } from '../../infra/nats/due-queue';
import { saidBy } from '../../infra/nats/failures';
import { pause, retrying } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';

export type PrefetchDeps = {
  readonly queue: DueQueue;
  /** How many messages there is use for, those asked for already among them. */
  readonly wanted: () => number;
  readonly onMessage: (message: DueMessage) => void;
  /** Asks for this many at least, as long as anything is asked for: fewer, larger pulls. */
  readonly quantum: number;
  readonly expiresMs: number;
  readonly draw: Draw;
  readonly logger: Logger;
};

export type Prefetch = {
  /** Asks for as many messages as are wanted; call it whenever that may be more than before. */
  readonly update: () => void;
  /** Why no message can come; undefined while the broker answers, and while nothing is asked of it. */
  readonly cannotTake: () => string | undefined;
  readonly run: (signal: AbortSignal) => Promise<void>;
};

/** How long to wait after a pull that found nobody. */
const GONE_PAUSE_MS = 100;

/** Never asks for more messages than are wanted, so that no message waits here while another executor is idle. */
export const prefetch = (deps: PrefetchDeps): Prefetch => {
  const { queue, wanted, onMessage, quantum, expiresMs, draw, logger } = deps;
  const pulls = new Set<Pull>();
  let asked = 0;
  let isReady = false;
  let lost: (() => void) | undefined;
  let trouble: string | undefined;

  const ask = (count: number): void => {
    let left = count;
    asked += count;
    const pull = queue.pull(count, expiresMs, (message) => {
      left -= 1;
      asked -= 1;
      trouble = undefined;
      onMessage(message);
    });
    pulls.add(pull);
    void pull.ended.then((reason) => {
      pulls.delete(pull);
      asked -= left;
      if (reason === 'gone') {
        trouble = pull.refusal();
        lost?.();
      } else {
        if (isReady && pull.isHeard()) trouble = undefined;
        update();
      }
    });
  };
  const update = (): void => {
    const count = wanted() - asked;
    if (isReady && count > 0 && (pulls.size === 0 || count >= quantum)) ask(count);
  };
  const cannotTake = (): string | undefined => {
    if (isReady && (pulls.size === 0 || [...pulls].some(({ isHeard }) => isHeard())))
      trouble = undefined;
    return trouble;
  };
  const suspend = (): void => {
    isReady = false;
    for (const pull of pulls) pull.cancel();
  };

  const run = async (signal: AbortSignal): Promise<void> => {
    const stopFollowing = queue.onReconnect(() => lost?.());
    while (!signal.aborted) {
      const isLost = new Promise<void>((resolve) => {
        lost = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await retrying(queue.ensure, {
        signal,
        draw,
        onFailure: (error, tries) => {
          trouble = saidBy(error);
          if (tries === 1) logger.warn({ err: error }, 'the queue is not there; trying again');
        },
      }).catch(() => undefined);
      isReady = !signal.aborted;
      update();
      await isLost;
      suspend();
      await pause(GONE_PAUSE_MS, signal);
    }
    stopFollowing();
    suspend();
  };
  return { update, cannotTake, run };
};
