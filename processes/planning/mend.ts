import { makeJob, withdrawJob } from '../../commands/schedules/schedule-jobs';
import type { HandleDeps } from '../../commands/handle';
import type { PlannerProgress } from '../../infra/postgres/planner-progress';
import type {
  LookedThrough,
  Unfinished,
  UnfinishedOccurrence,
  WithdrawnJob,
} from '../../projections/queries/schedules/unfinished';
import type { Contained, Done } from '../runtime/contained';
import type { PlannerMetrics } from './metrics';
import type { PlannerSettings } from './settings';

export type MendDeps = HandleDeps & {
  readonly unfinished: Unfinished;
  readonly progress: PlannerProgress;
  readonly metrics: PlannerMetrics;
  readonly settings: PlannerSettings;
};

type Found = { readonly position: bigint; readonly jobId: string };

type Walk<Item extends Found> = {
  readonly work: 'occurrences' | 'withdrawals';
  readonly look: (after: bigint, upTo: bigint, limit: number) => Promise<LookedThrough<Item>>;
  readonly finish: (item: Item) => Promise<Done>;
  readonly contained: Contained<Item>;
};

/** Items that could not be finished and are kept in mind; with more, the walk waits for them. */
const MOST_LEFT = 50_000;

/**
 * Walks along the log once, whatever waits, and remembers how far for the planner that comes next. What cannot be
 * finished is tried again apart from the walk.
 */
const walk = <Item extends Found>(
  { progress, settings }: MendDeps,
  { work, look, finish, contained }: Walk<Item>,
) => {
  const left = new Map<string, Item>();
  let after: bigint | undefined;
  let saved: bigint | undefined;

  const finishAll = async (items: readonly Item[]): Promise<void> => {
    for (const item of items) left.set(item.jobId, item);
    await contained.each(items, async (item) => {
      const done = await finish(item);
      if (done === 'settled') left.delete(item.jobId);
      return done;
    });
  };
  const save = async (position: bigint): Promise<void> => {
    let done = position;
    for (const item of left.values()) if (item.position <= done) done = item.position - 1n;
    if (done === saved) return;
    await progress.save(work, done);
    saved = done;
  };

  /** @param upTo  what is newer may be on its way */
  return async (upTo: bigint): Promise<void> => {
    after ??= await progress.load(work);
    // a log that was restored from an older copy has other events there
    if (after > upTo) after = upTo;
    await finishAll([...left.values()]);
    while (after < upTo && left.size < MOST_LEFT) {
      const page: LookedThrough<Item> = await look(after, upTo, settings.pageSize);
      if (page.upTo === undefined) break;
      await finishAll(page.found);
      after = page.upTo;
    }
    await save(after);
  };
};

/**
 * Finishes what somebody began: makes the jobs of planned occurrences that have none, and takes back those whose
 * occurrences were taken back. A planner that was killed, or an answer that got lost, left them so.
 */
export const mending = (
  deps: MendDeps,
  contained: <Item extends Found>() => Contained<Item>,
): (() => Promise<void>) => {
  const { unfinished, metrics } = deps;
  const withdraw = async (
    job: Parameters<typeof withdrawJob>[1],
    because: string,
  ): Promise<Done> => {
    if ((await withdrawJob(deps, job, because)) === 'withdrawn') metrics.withdrawn();
    return 'settled';
  };
  const occurrences = walk<UnfinishedOccurrence>(deps, {
    work: 'occurrences',
    look: unfinished.occurrences,
    finish: async ({ isWithdrawn, ...job }) => {
      if (isWithdrawn) return await withdraw(job, 'its occurrence was taken back');
      if ((await makeJob(deps, job)) === 'made') metrics.made();
      return 'settled';
    },
    contained: contained(),
  });
  const withdrawals = walk<WithdrawnJob>(deps, {
    work: 'withdrawals',
    look: unfinished.withdrawals,
    finish: async ({ because, ...job }) => await withdraw(job, because),
    contained: contained(),
  });

  /** As of the round before: what was planned since then may be on its way. */
  let planned: bigint | undefined;
  return async () => {
    const newest = await unfinished.newest();
    await withdrawals(newest.withdrawals);
    if (planned !== undefined) await occurrences(planned);
    planned = newest.occurrences;
  };
};
