import { LRUCache } from 'lru-cache';
import type { AsOf } from '../../../domain/audit/as-of';
import { foldPast, type FoldDeps, type FoldRequest, type LeanListedJob } from './past-fold';
import { sharedWork } from './shared-work';
import { turns } from './turns';

/** Each holds up to `maxJobs` in memory, a kilobyte a job. */
const FOLDS_AT_ONCE = 2;

export type PastFoldsDeps = FoldDeps & {
  /** So many answers are kept for the pages that follow, one at least… */
  readonly keptLists: number;
  /** …each of so many jobs at most. */
  readonly keptJobs: number;
};

/** All jobs of an owner, or of everybody, in no order. */
type Jobs = readonly LeanListedJob[];

/** @throws TooManyJobs, or the reason of an aborted signal */
type Fold = (request: FoldRequest) => Promise<Jobs>;

export type PastFolds = {
  /** The jobs as they stood then; who asks for the same at the same time waits for the same fold. */
  readonly of: Fold;
  /** Has a turn among those who fold, for work that needs more than one moment. */
  readonly inTurn: <T>(
    of: Pick<FoldRequest, 'ownerId' | 'signal'>,
    work: (fold: Fold) => Promise<T>,
  ) => Promise<T>;
};

const keyOfAsOf = (asOf: AsOf): string =>
  asOf.kind === 'time' ? `time ${asOf.at}` : `position ${asOf.position}`;

const ownerKey = (ownerId: string | undefined): string => JSON.stringify(ownerId ?? null);

/** The one place where jobs of the past are folded: few at a time, one of each owner, and kept for a while. */
export const pastFolds = (deps: PastFoldsDeps): PastFolds => {
  const recent = new LRUCache<string, Jobs>({ max: deps.keptLists }); // the past does not change
  const turn = turns(FOLDS_AT_ONCE);
  const shared = sharedWork<Jobs>();
  const keyOf = ({ asOf, ownerId }: FoldRequest): string =>
    JSON.stringify([keyOfAsOf(asOf), ownerKey(ownerId)]);

  const fold: Fold = async (request) => {
    const key = keyOf(request);
    const known = recent.get(key); // whoever had the turn before may have wanted the same
    if (known) return known;
    const { jobs, isSettled } = await foldPast(deps, request);
    if (isSettled && jobs.length <= deps.keptJobs) recent.set(key, jobs);
    return jobs;
  };

  return {
    of: async (request) => {
      const key = keyOf(request);
      return (
        recent.get(key) ??
        (await shared(key, request.signal, (signal) =>
          turn(ownerKey(request.ownerId), signal, () => fold({ ...request, signal })),
        ))
      );
    },
    inTurn: ({ ownerId, signal }, work) => turn(ownerKey(ownerId), signal, () => work(fold)),
  };
};
