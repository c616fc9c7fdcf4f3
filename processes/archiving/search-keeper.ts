import type { Draw } from '../../domain/chance';
import type { SearchIndex } from '../../projections/search/search-index';
import { backoffMs, pause, type BackoffPolicy } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import type { ArchivistMetrics } from './metrics';

export type SearchKeeperDeps = {
  readonly index: SearchIndex;
  readonly draw: Draw;
  readonly logger: Pick<Logger, 'warn'>;
  readonly metrics: Pick<ArchivistMetrics, 'searchLagMs' | 'fault'>;
  /** Pause between two looks at what has come; by default a second. */
  readonly everyMs?: number;
};

/** What an index lacks each search reads from `jobs`: little, at this pace. */
const EVERY_MS = 1_000;

/** Lists are right without an index. */
const policy: BackoffPolicy = { baseMs: 100, capMs: 10_000 };

/**
 * Keeps the index that lists are searched by until the signal aborts. While there is more to do it rests for as long as
 * it works, so that it takes half of one processor at most. Faults are told once, and tried again.
 */
export const keepSearchIndex = async (
  { index, draw, logger, metrics, everyMs = EVERY_MS }: SearchKeeperDeps,
  signal: AbortSignal,
): Promise<void> => {
  let caughtUpMs = performance.now();
  for (let failures = 0; !signal.aborted;) {
    const startMs = performance.now();
    try {
      const step = await index.step();
      failures = 0;
      if (step !== 'more') caughtUpMs = startMs;
      await pause(step === 'more' ? performance.now() - startMs : everyMs, signal);
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
