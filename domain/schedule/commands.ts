import type { Instant } from '../time';
import type { Calendar } from './calendar';
import type { ScheduleDefinition } from './definition';

/** Every command says when it is decided (`at`): the domain has no clock. */
type Timed = { readonly at: Instant };

/** Names the jobs that an event plans. The same occurrence by the same event: the same job. */
export type JobIds = (occurrenceAt: Instant, revision: bigint) => string;

export type CreateSchedule = Timed & {
  readonly type: 'CreateSchedule';
  readonly definition: ScheduleDefinition;
  /** From 0 to `spreadMs`: by how much runs start later. */
  readonly offsetMs: number;
};
/** An equal definition changes nothing. */
export type ChangeSchedule = Timed & {
  readonly type: 'ChangeSchedule';
  readonly definition: ScheduleDefinition;
  readonly offsetMs: number;
  /** Of the rule in force; absent when that cannot be computed. */
  readonly calendar?: Calendar;
};
export type PauseSchedule = Timed & { readonly type: 'PauseSchedule'; readonly note?: string };
export type ResumeSchedule = Timed & {
  readonly type: 'ResumeSchedule';
  readonly note?: string;
  readonly calendar: Calendar;
};
export type DeleteSchedule = Timed & {
  readonly type: 'DeleteSchedule';
  readonly note?: string;
  readonly calendar?: Calendar;
};
/** One run now, whatever the rule says. */
export type TriggerSchedule = Timed & {
  readonly type: 'TriggerSchedule';
  readonly jobIds: JobIds;
  readonly note?: string;
};
/** Runs of the past, both ends inclusive: due immediately, oldest first. */
export type BackfillSchedule = Timed & {
  readonly type: 'BackfillSchedule';
  readonly from: Instant;
  readonly to: Instant;
  readonly calendar: Calendar;
  readonly jobIds: JobIds;
};
export type MoveOccurrence = Timed & {
  readonly type: 'MoveOccurrence';
  readonly occurrenceAt: Instant;
  readonly dueAt: Instant;
  readonly calendar: Calendar;
  readonly jobIds: JobIds;
  readonly note?: string;
};
export type CancelOccurrence = Timed & {
  readonly type: 'CancelOccurrence';
  readonly occurrenceAt: Instant;
  readonly calendar: Calendar;
  readonly note?: string;
};
/** What became of the run that was planned last, if there was one: `none` also for a job that ended before it started. */
export type LastRun = 'none' | 'open' | { readonly endedAt: Instant };

/** Decides all occurrences up to `aheadMs` from now, and at least the next one. */
export type PlanOccurrences = Timed & {
  readonly type: 'PlanOccurrences';
  readonly calendar: Calendar;
  readonly jobIds: JobIds;
  readonly aheadMs: number;
  /** Of matter where runs may not overlap. */
  readonly lastRun: LastRun;
};
/** The rule cannot be computed, with what is known of zones. */
export type StopSchedule = Timed & { readonly type: 'StopSchedule'; readonly problem: string };

export type ScheduleCommand =
  | CreateSchedule
  | ChangeSchedule
  | PauseSchedule
  | ResumeSchedule
  | DeleteSchedule
  | TriggerSchedule
  | BackfillSchedule
  | MoveOccurrence
  | CancelOccurrence
  | PlanOccurrences
  | StopSchedule;

/** The named no's of a schedule. */
export type ScheduleRejection =
  | { readonly code: 'schedule-not-found' }
  | { readonly code: 'schedule-exists' }
  | { readonly code: 'schedule-deleted' }
  | { readonly code: 'schedule-paused' }
  | { readonly code: 'schedule-not-paused' }
  | { readonly code: 'occurrence-unknown' }
  | { readonly code: 'occurrence-passed' }
  | { readonly code: 'occurrence-cancelled' }
  | { readonly code: 'too-many-changes'; readonly max: number }
  | { readonly code: 'due-in-past' }
  | { readonly code: 'due-too-far' }
  | { readonly code: 'nothing-to-backfill' }
  | { readonly code: 'backfill-in-future' }
  | { readonly code: 'backfill-too-large'; readonly count: number; readonly max: number };
