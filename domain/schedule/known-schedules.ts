import type { KnownSchedule } from './state';

/** Schedules as somebody remembers them: as of some revision, which may not be their last. */
export type KnownSchedules = {
  /** Undefined for one that is not known, or not yet. */
  readonly find: (scheduleId: string) => Promise<KnownSchedule | undefined>;
};
