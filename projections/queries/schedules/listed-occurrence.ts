import type { JobStatus } from '../../../domain/job/state';
import type { Calendar } from '../../../domain/schedule/calendar';
import type { SkippedBecause } from '../../../domain/schedule/event-kinds/occurrences';
import type { KnownSchedule } from '../../../domain/schedule/state';
import type { Instant } from '../../../domain/time';
import type { OccurrenceKind } from '../../schedules/occurrence-rows';

/** `planned`: it is to come. `done`: its run has ended, whether well or not. */
export type OccurrenceStatus = 'planned' | 'running' | 'done' | 'skipped';

/** `cancelled`: by somebody, the occurrence or its job. */
export type SkipReason = SkippedBecause | 'cancelled';

/** A place in a list. Those that were not decided by an event come last of their instant. */
export type OccurrenceKey = { readonly at: Instant; readonly revision: bigint };

export type ListedOccurrence = OccurrenceKey & {
  readonly occurrenceAt: Instant;
  readonly status: OccurrenceStatus;
  readonly reason?: SkipReason;
  /** Undefined for those that were skipped together. */
  readonly dueAt?: Instant;
  readonly origin: OccurrenceKind;
  readonly job?: {
    readonly jobId: string;
    /** Undefined for one that is still to be made. */
    readonly status?: JobStatus;
    readonly startedAt?: Instant;
    readonly finishedAt?: Instant;
  };
  /** Of those that were skipped together: the last one, which is where they stand in a list, and how many. */
  readonly range?: { readonly lastAt: Instant; readonly count: number };
};

/** Both inclusive; absent: without end. */
export type OccurrenceWindow = { readonly from?: Instant; readonly to?: Instant };

export type OccurrencePage = {
  readonly items: readonly ListedOccurrence[];
  readonly next?: OccurrenceKey;
};

export type AskedOccurrences = {
  readonly scheduleId: string;
  /** As it was known before the list is read. */
  readonly schedule: KnownSchedule;
  /** Of its rule; undefined when that cannot be computed. */
  readonly calendar: Calendar | undefined;
  readonly window: OccurrenceWindow;
  readonly limit: number;
  readonly after?: OccurrenceKey;
  /** The past: `schedule` and `calendar` are those of then. Absent: the present. */
  readonly then?: OccurrencesThen;
};

/** What else is to be known of a moment of the past. */
export type OccurrencesThen = {
  readonly at: Instant;
  /** Undefined for a job that was not there yet. */
  readonly jobOf: (jobId: string) => Promise<JobThen | undefined>;
};

export type JobThen = {
  readonly status: JobStatus;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
};

/** What became of the occurrences of a schedule, and which are to come, in the order of time. A page may have fewer than asked for. */
export type ScheduleOccurrences = (asked: AskedOccurrences) => Promise<OccurrencePage>;

/** Of what no event has decided. */
export const LAST_REVISION = 2n ** 63n - 1n;
export const FIRST: OccurrenceKey = { at: Date.UTC(1, 0), revision: -1n };
export const LAST_INSTANT = Date.UTC(9_999, 11, 31);

export const byKey = (a: OccurrenceKey, b: OccurrenceKey): number =>
  a.at - b.at || (a.revision < b.revision ? -1 : Number(a.revision > b.revision));

export type OccurrenceRow = {
  readonly occurrence_at: Date;
  readonly due_at: Date;
  readonly revision: string;
  readonly kind: OccurrenceKind;
  readonly job_id: string;
  readonly is_cancelled: boolean;
  readonly withdrawn_by: SkippedBecause | null;
  readonly job_status: JobStatus | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
};

export type ExceptionRow = { readonly occurrence_at: Date; readonly due_at: Date | null };
