import type { Instant } from '../../domain/time';
import type { NeverStarted, UnfinishedJobs } from '../../projections/queries/unfinished-jobs';
import type { Log } from '../log';
import type { Timers } from '../timers';
import { inParallel } from './in-parallel';
import { isTooLate, rescueMessage, type RescueMessageDeps } from './rescue-message';
import type { RescuerMetrics, RescuerSettings } from './settings';

export type LostMessagesDeps = RescueMessageDeps & {
  readonly unfinished: Pick<UnfinishedJobs, 'neverStarted'>;
  readonly metrics: RescuerMetrics;
  readonly log: Log;
  readonly timers: Timers;
};

export type LostMessages = {
  /** One round over the jobs that were dispatched and have not started. */
  readonly rescue: (databaseNow: Instant) => Promise<void>;
};

/** How long a message that was seen in the broker is not looked for again. */
const LOOK_AGAIN_MS = 4_000;
/** Largest page, for when so many jobs wait in the broker that lost ones stand behind them. */
const MAX_PAGE = 20_000;

export const lostMessages = (
  deps: LostMessagesDeps,
  settings: RescuerSettings,
  signal: AbortSignal,
): LostMessages => {
  const { unfinished, messages, metrics, log, timers } = deps;
  const { pageSize, startTimeoutMs, startTimeoutAfterLossMs, concurrency } = settings;
  let incarnation: string | undefined;
  let lossUntil = 0;
  let limit = pageSize;
  let seenWaiting = new Map<string, number>();

  /** Whether the stream was made so short ago that messages from before may be missing. */
  const isAfterLoss = async (databaseNow: Instant): Promise<boolean> => {
    const now = await messages.incarnation();
    const isNew =
      incarnation === undefined
        ? databaseNow - Date.parse(now) < startTimeoutMs
        : now !== incarnation;
    if (isNew) {
      log.warn({ madeAt: now }, 'the stream of due jobs is new; looking for lost messages at once');
      lossUntil = timers.monotonicMs() + startTimeoutMs;
      seenWaiting = new Map();
    }
    incarnation = now;
    return timers.monotonicMs() < lossUntil;
  };

  const rescueAll = async (jobs: readonly NeverStarted[]): Promise<void> => {
    const now = timers.monotonicMs();
    const waiting = new Map<string, number>();
    await inParallel(jobs, concurrency, async (job) => {
      const key = `${job.jobId}/${job.attempt}/${job.delivery}`;
      const seenAt = seenWaiting.get(key);
      const wasJustSeen = seenAt !== undefined && now - seenAt < LOOK_AGAIN_MS;
      if (wasJustSeen && !isTooLate(job, deps.clock.now())) {
        waiting.set(key, seenAt);
        return;
      }
      const outcome = await rescueMessage(deps, job, signal);
      if (outcome === 'waiting') waiting.set(key, now);
      else if (outcome !== 'stale') metrics.rescued(outcome);
    });
    seenWaiting = waiting;
    metrics.waiting(waiting.size);
    if (jobs.length < pageSize) limit = pageSize;
    else if (waiting.size >= limit) limit = Math.min(MAX_PAGE, limit * 2);
  };

  return {
    rescue: async (databaseNow) => {
      const olderThanMs = (await isAfterLoss(databaseNow))
        ? startTimeoutAfterLossMs
        : startTimeoutMs;
      await rescueAll(await unfinished.neverStarted(olderThanMs, limit));
    },
  };
};
