import type { AsOf } from '../../../domain/audit/as-of';
import { differenceKinds, type DifferenceKind } from '../../../domain/job/difference';
import { compareKeys, isAfter, type JobFilter, type JobKey } from '../../../domain/job/filter';
import type { JobStatus } from '../../../domain/job/state';
import type { Instant } from '../../../domain/time';
import { firstOf, forEachInParts } from './in-parts';
import type { FoldRequest, LeanListedJob } from './past-fold';
import type { PastFolds } from './past-folds';
import type { PastSnapshots } from './past-snapshots';
import { wantedOf } from './wanted';

/** A job at one of the moments, on the list or not. */
export type JobThen = {
  readonly status: JobStatus;
  readonly dueAt: Instant;
  readonly attempt: number;
};

export type JobDifference = {
  readonly jobId: string;
  readonly name: string;
  readonly queue: string;
  readonly ownerId: string;
  readonly change: DifferenceKind;
  /** Absent: there was no such job. */
  readonly before?: JobThen;
  readonly after?: JobThen;
};

export type DifferencePage = {
  /** Of the whole list, whatever changes are asked for. */
  readonly counts: Readonly<Record<DifferenceKind, number>>;
  /** The latest due time first, that of the second moment where there is one. */
  readonly items: readonly JobDifference[];
  readonly next?: JobKey;
};

export type DifferencesRequest = Pick<FoldRequest, 'asOf' | 'signal' | 'onProgress'> & {
  /** The second moment. */
  readonly other: AsOf;
  readonly filter: JobFilter;
  /** Absent: all of them. */
  readonly changes?: readonly DifferenceKind[];
  /** Absent: all of them on one page. */
  readonly limit?: number;
  readonly after?: JobKey;
};

/** What is held of the first moment while the second one is folded: a fifth of a whole job. */
type Held = Omit<JobDifference, 'change' | 'before' | 'after'> & {
  readonly then: JobThen;
  readonly isListed: boolean;
};

const heldOf = ({ jobId, job }: LeanListedJob, isListed: boolean): Held => {
  const { name, queue, ownerId } = job.definition;
  const { status, dueAt, attempt } = job;
  return { jobId, name, queue, ownerId, then: { status, dueAt, attempt }, isListed };
};

const changeOf = (
  before: Held | undefined,
  after: Held | undefined,
): DifferenceKind | undefined => {
  if (!before?.isListed) return after?.isListed ? 'appeared' : undefined;
  if (!after?.isListed) return 'left';
  if (before.then.status !== after.then.status) return 'status-changed';
  return before.then.dueAt === after.then.dueAt ? undefined : 'moved';
};

const differenceOf = (
  before: Held | undefined,
  after: Held | undefined,
): JobDifference | undefined => {
  const change = changeOf(before, after);
  const known = after ?? before;
  if (!change || !known) return undefined;
  const { jobId, name, queue, ownerId } = known;
  return {
    ...{ jobId, name, queue, ownerId, change },
    ...(before && { before: before.then }),
    ...(after && { after: after.then }),
  };
};

const keyOf = ({ jobId, before, after }: JobDifference): JobKey => ({
  dueAt: (after ?? before)?.dueAt ?? 0,
  jobId,
});

export type PastDifferencesDeps = {
  readonly folds: Pick<PastFolds, 'inTurn'>;
  readonly snapshots: Pick<PastSnapshots, 'havingPart'>;
};

/**
 * In what a list differs between two moments. Both are folded in one turn, one after the other, so that it is as
 * bounded as a list is.
 */
export const pastDifferences = ({ folds, snapshots }: PastDifferencesDeps) => {
  const gather = (request: DifferencesRequest) => {
    const { changes = differenceKinds, limit = Infinity, after } = request;
    const counts = { appeared: 0, left: 0, 'status-changed': 0, moved: 0 };
    const first = firstOf<JobDifference>(limit + 1, (a, b) => compareKeys(keyOf(a), keyOf(b)));
    const add = (difference: JobDifference | undefined): void => {
      if (!difference) return;
      counts[difference.change] += 1;
      if (changes.includes(difference.change) && isAfter(keyOf(difference), after))
        first.add(difference);
    };
    const page = (): DifferencePage => {
      const all = first.all();
      const items = all.slice(0, limit);
      const last = items.at(-1);
      return { counts, items, ...(all.length > limit && last && { next: keyOf(last) }) };
    };
    return { add, page };
  };

  return (request: DifferencesRequest): Promise<DifferencePage> => {
    const { asOf, other, filter, signal, onProgress } = request;
    const { ownerId } = filter;
    const whose = { signal, ...(ownerId !== undefined && { ownerId }) };
    return folds.inTurn(whose, async (fold) => {
      const found = gather(request);
      const begun = new Map<string, Held>();
      const each = async (
        at: AsOf,
        work: (job: LeanListedJob, isListed: boolean) => void,
      ): Promise<void> => {
        const jobs = await fold({ ...whose, asOf: at, ...(onProgress && { onProgress }) });
        const isWanted = await wantedOf(snapshots, jobs, filter, signal);
        await forEachInParts(jobs, signal, (job) => work(job, isWanted(job)));
      };
      await each(asOf, (job, isListed) => begun.set(job.jobId, heldOf(job, isListed)));
      await each(other, (job, isListed) => {
        found.add(differenceOf(begun.get(job.jobId), heldOf(job, isListed)));
        begun.delete(job.jobId);
      });
      await forEachInParts(begun.values(), signal, (held) =>
        found.add(differenceOf(held, undefined)),
      );
      return found.page();
    });
  };
};
