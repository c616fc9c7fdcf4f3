import { makeJob, withdrawJob } from '../../commands/schedules/schedule-jobs';
import type { HandleDeps } from '../../commands/handle';
import type { Instant } from '../../domain/time';
import type { SchedulePlanning } from '../../projections/queries/schedules/planning';
import { each } from './each';
import type { PlannerMetrics, PlannerSettings } from './settings';

export type MendDeps = HandleDeps & {
  readonly planning: SchedulePlanning;
  readonly metrics: PlannerMetrics;
  readonly settings: PlannerSettings;
};

/** A job that was planned this short ago may be on its way. */
const ON_ITS_WAY_MS = 3_000;
/** How far back the first look goes: whatever stopped in the middle of something did so within this time. */
const FIRST_BACK_MS = 7 * 24 * 3_600_000;
/** How far back all others go: far longer than a planner takes for anything. */
const BACK_MS = 10 * 60_000;

/**
 * Finishes what somebody began: makes the jobs of planned occurrences that have none, and takes back those whose
 * occurrences were taken back. A planner that was killed, or an answer that got lost, left them so.
 */
export const mending = (
  deps: MendDeps,
): (() => Promise<readonly { readonly error: unknown }[]>) => {
  const { planning, metrics, settings, clock } = deps;
  const { concurrency, pageSize } = settings;
  let backMs = FIRST_BACK_MS;

  const makeMissing = async (since: Instant, now: Instant) => {
    const unmade = await planning.unmade(since, now - ON_ITS_WAY_MS, pageSize);
    const failed = await each(unmade, concurrency, async ({ isWithdrawn, ...job }) => {
      if (isWithdrawn) await withdrawJob(deps, job, 'it was taken back before its job was made');
      else if ((await makeJob(deps, job)) === 'made') metrics.made();
    });
    return { failed, isAll: unmade.length < pageSize };
  };
  const takeBack = async (since: Instant) => {
    const withdrawn = await planning.withdrawn(since, pageSize);
    const failed = await each(withdrawn, concurrency, async ({ because, ...job }) => {
      if ((await withdrawJob(deps, job, because)) === 'withdrawn') metrics.withdrawn();
    });
    return { failed, isAll: withdrawn.length < pageSize };
  };

  return async () => {
    const now = clock.now();
    const missing = await makeMissing(now - backMs, now);
    const back = await takeBack(now - backMs);
    if (missing.isAll && back.isAll) backMs = BACK_MS;
    return [...missing.failed, ...back.failed];
  };
};
