import type { Draw } from '../../domain/chance';
import type { SearchIndex } from '../../projections/search/search-index';
import { backoffMs, pause, type BackoffPolicy } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { ArchivistMetrics } from './metrics';

export type SearchKeeperDeps = {
  readonly index: SearchIndex;
  /** Share of the processor that nobody has used since it was asked before; see `processorIdle`. */
  readonly idleShare: () => number;
  readonly draw: Draw;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<ArchivistMetrics, 'searchLagMs' | 'fault'>;
  /** Pause between two looks at what has come; by default a second. */
  readonly everyMs?: number;
};

/** What an index lacks each search reads from `jobs`: little, at this pace. */
const EVERY_MS = 1_000;

/** Rest by work, while there is more to do: it takes half of one core where there is room, else a twentieth. */
const REST = { withRoom: 1, full: 19 };
const FULL_BELOW = 0.1;
/** What less time tells of the processor is little. */
const ASK_EVERY_MS = 200;

/** Lists are right without an index. */
const policy: BackoffPolicy = { baseMs: 100, capMs: 10_000 };

const restOf = (idleShare: () => number): ((workedMs: number) => number) => {
  let isFull = true; // until it is known
  let askedMs = performance.now();
  idleShare(); // counts from here
  return (workedMs) => {
    if (performance.now() - askedMs >= ASK_EVERY_MS) {
      isFull = idleShare() < FULL_BELOW;
      askedMs = performance.now();
    }
    return workedMs * (isFull ? REST.full : REST.withRoom);
  };
};

/**
 * Keeps the index that lists are searched by until the signal aborts. While there is much to do it leaves the processor
 * to those who are at work. Faults are told once, and tried again.
 */
export const keepSearchIndex = async (
  { index, idleShare, draw, logger, metrics, everyMs = EVERY_MS }: SearchKeeperDeps,
  signal: AbortSignal,
): Promise<void> => {
  const rest = restOf(idleShare);
  let caughtUpMs = performance.now();
  for (let failures = 0; !signal.aborted;) {
    const startMs = performance.now();
    try {
      const step = await index.step();
      failures = 0;
      if (step !== 'more') caughtUpMs = startMs;
      await pause(step === 'more' ? rest(performance.now() - startMs) : everyMs, signal);
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      metrics.fault();
      if (failures === 1) logger.warn({ err: error }, 'the index of searches is behind');
      await pause(backoffMs(failures, policy, draw()), signal);
    }
    metrics.searchLagMs(performance.now() - caughtUpMs);
  }
};
