import { checksOf, type Checked, type EventKind } from '../../events/kind';
import type { StreamTrace } from '../../audit/trace-table';
import type { Instant } from '../../time';
import type { KnownSchedule, ScheduleState, ScheduleStatus } from '../state';

/** What verify remembers of a schedule; NaN is a time that is not there. */
export type ScheduleTrace = StreamTrace & {
  status: ScheduleStatus | 'none';
  /** As far as the stream says that all occurrences are decided. */
  decidedUntil: Instant;
  /** As the state has it; NaN for a stream that begins later. */
  cameUntil: Instant;
  offsetMs: number;
  createdAt: Instant;
  /** Since when its rule is what it is. */
  ruleSince: Instant;
  mayOverlap: boolean;
  /** Digest of the definition as rows have it. */
  definition: number;
  /** Kept by the audit alone: the number of its rule, and of the zone data that decided last; -1 when there is none. */
  rule: number;
  tzdata: number;
  /** An event since the rule was made could not be read, or is missing. */
  isUncertain: boolean;
  /** One of any time could not be read, or is missing. */
  hasHole: boolean;
  /** How many occurrences have jobs, and the sum of their digests. */
  planned: number;
  plannedDigest: number;
};

type ScheduleAggregate = {
  readonly state: ScheduleState;
  readonly trace: ScheduleTrace;
  readonly status: ScheduleTrace['status'];
  readonly found: KnownSchedule;
};

export type ScheduleEventKind<Data> = EventKind<Data, ScheduleAggregate>;

export const scheduleEvent = <Data>(
  kind: ScheduleEventKind<Data>,
): ScheduleEventKind<Data> & Checked => ({ ...kind, checks: checksOf(kind.fields) });

/** Statuses in which a schedule is still there. */
export const living: readonly ScheduleStatus[] = ['active', 'paused', 'completed', 'stopped'];
