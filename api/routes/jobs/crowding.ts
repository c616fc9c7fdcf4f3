import type { Instant, Timestamp } from '../../../domain/time';

/** Many jobs are due in the same minute: they may start late. Advice, no refusal. */
export type CrowdedMinute = {
  readonly code: 'crowded-minute';
  /** Where it begins. */
  readonly minute: Timestamp;
  /** That wait for it, as far as this process knows: an estimate. */
  readonly jobs: number;
  /** As many as are wanted in a minute at most. */
  readonly capacity: number;
};

/** What is known of crowded minutes; answers from memory, for it is asked with every job. */
export type Crowding = {
  /** Counts a job that was accepted, and tells when its minute is crowded with it. */
  readonly add: (dueAt: Instant) => CrowdedMinute | undefined;
  /** The same for a job that was counted before. */
  readonly at: (dueAt: Instant) => CrowdedMinute | undefined;
};

/** As part of an answer: nothing at all when there is nothing to warn of. */
export const warningsOf = (
  crowding: Crowding,
  { job, isReplay }: { readonly job: { readonly dueAt: Instant }; readonly isReplay: boolean },
): { readonly warnings?: readonly CrowdedMinute[] } => {
  const warning = isReplay ? crowding.at(job.dueAt) : crowding.add(job.dueAt);
  return warning ? { warnings: [warning] } : {};
};
