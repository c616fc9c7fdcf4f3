import type { Instant, Timestamp } from '../../../domain/time';
import type { Principal } from '../../access/principal';

/** Many jobs are due in the same minute: they may start late. Advice, no refusal. */
export type CrowdedMinute = {
  readonly code: 'crowded-minute';
  /** Where it begins. */
  readonly minute: Timestamp;
  /** That wait for it, as far as this process knows: an estimate. */
  readonly jobs: number;
  /** There are more than `jobs`, which is the capacity then. */
  readonly isCoarse?: true;
  /** As many as are wanted in a minute at most. */
  readonly capacity: number;
};

/** What somebody is told of crowded minutes; answers from memory, for it is asked with every job. */
export type ToldCrowding = {
  /** Counts a job that was accepted, and tells when its minute is crowded with it. */
  readonly add: (dueAt: Instant) => CrowdedMinute | undefined;
  /** The same for a job that was counted before. */
  readonly at: (dueAt: Instant) => CrowdedMinute | undefined;
};

export type Crowding = {
  /** Operators are told how many jobs there are, users that there are too many: by a count they would see each job of others come. */
  readonly toldTo: (principal: Pick<Principal, 'role'>) => ToldCrowding;
};

/** As part of an answer: nothing at all when there is nothing to warn of. */
export const warningsOf = (
  crowding: ToldCrowding,
  { job, isReplay }: { readonly job: { readonly dueAt: Instant }; readonly isReplay: boolean },
): { readonly warnings?: readonly CrowdedMinute[] } => {
  const warning = isReplay ? crowding.at(job.dueAt) : crowding.add(job.dueAt);
  return warning ? { warnings: [warning] } : {};
};
