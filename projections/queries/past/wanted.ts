import { isListed, type JobFilter } from '../../../domain/job/filter';
import { forEachInParts } from './in-parts';
import type { LeanListedJob } from './past-fold';
import type { PastSnapshots } from './past-snapshots';

/** In one statement, whose text is made in one turn. */
const NAMES_AT_ONCE = 5_000;

/** Whether a job belongs on a list. */
export type IsWanted = (job: LeanListedJob) => boolean;

const nameOf = ({ job }: LeanListedJob): string => job.definition.name;

/** What a filter takes of these jobs; names are compared by the database, each of them once. */
export const wantedOf = async (
  snapshots: Pick<PastSnapshots, 'havingPart'>,
  jobs: readonly LeanListedJob[],
  filter: JobFilter,
  signal: AbortSignal,
): Promise<IsWanted> => {
  const fits: IsWanted = (job) => isListed(job, filter);
  if (filter.q === undefined) return fits;
  const names = new Set<string>();
  await forEachInParts(jobs, signal, (job) => {
    if (fits(job)) names.add(nameOf(job));
  });
  const having = new Set<string>();
  const all = [...names];
  for (let at = 0; at < all.length; at += NAMES_AT_ONCE) {
    signal.throwIfAborted();
    const found = await snapshots.havingPart(all.slice(at, at + NAMES_AT_ONCE), filter.q);
    for (const name of found) having.add(name);
  }
  return (job) => having.has(nameOf(job)) && fits(job);
};
