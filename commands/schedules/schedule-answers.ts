import type { ScheduleRejection } from '../../domain/schedule/commands';
import type { KnownSchedule } from '../../domain/schedule/state';
import type { CommandRejection } from '../answers';

export type ScheduleCommandRejection =
  | ScheduleRejection
  /** Of the job that the occurrence has. */
  | CommandRejection
  /** The rule in force cannot be computed by this build. */
  | { readonly code: 'schedule-stopped'; readonly problem: string };

export type ScheduleAccepted = {
  readonly outcome: 'accepted';
  readonly scheduleId: string;
  readonly schedule: KnownSchedule;
  readonly revision: bigint;
  /** Commit position to wait for in a query that must see it; 0 when nothing was recorded. */
  readonly position: bigint;
  /** The answer to an earlier request with the same idempotency key; the schedule is as it stands now. */
  readonly isReplay: boolean;
  /** Of a trigger or a backfill: the jobs that it made, oldest occurrence first. */
  readonly jobIds: readonly string[];
};

/** `contended`: too many writers at once on one stream; nothing was recorded. */
export type ScheduleAnswer =
  | ScheduleAccepted
  | { readonly outcome: 'rejected'; readonly rejection: ScheduleCommandRejection }
  | { readonly outcome: 'contended' };
