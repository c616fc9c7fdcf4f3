import { exactInstant } from '../events/fields';
import type { ScheduleTrace } from '../schedule/event-kinds/kind';
import type { AuditedScheduleEvent } from '../schedule/events';
import type { Instant } from '../time';

/** An occurrence that somebody moved or cancelled by itself: no range has it. */
export type Single = {
  readonly occurrenceAt: Instant;
  /** Undefined for one that does not run (any more). */
  readonly dueAt?: Instant | undefined;
  /** Its job was not taken back. */
  readonly hasJob: boolean;
};

const without = (singles: readonly Single[], occurrenceAt: Instant): readonly Single[] =>
  singles.filter((single) => single.occurrenceAt !== occurrenceAt);

/** Their jobs are taken back: what was moved keeps its time, or has had its run; what was moved to its usual time, and has not come, is as all others. */
const takenBack = (
  singles: readonly Single[],
  { offsetMs }: Readonly<ScheduleTrace>,
  at: Instant,
): readonly Single[] =>
  singles
    .filter(
      ({ occurrenceAt, dueAt = Infinity, hasJob }) =>
        !hasJob || dueAt !== occurrenceAt + offsetMs || dueAt <= at,
    )
    .map(({ occurrenceAt, dueAt, hasJob }) => ({
      occurrenceAt,
      dueAt: hasJob && dueAt !== undefined && dueAt <= at ? undefined : dueAt,
      hasJob: false,
    }));

/** Those that can still matter: for a range that goes around them, or taken back and planned again. */
const toCome = (
  singles: readonly Single[],
  { decidedUntil, offsetMs }: Readonly<ScheduleTrace>,
  at: Instant,
): readonly Single[] =>
  singles.filter(
    ({ occurrenceAt, dueAt, hasJob }) =>
      occurrenceAt > decidedUntil ||
      occurrenceAt + offsetMs > at ||
      (dueAt !== undefined && (dueAt > at || !hasJob)),
  );

/**
 * The single occurrences of a schedule after one more event.
 *
 * @param before  the schedule as the event found it
 */
export const singlesAfter = (
  singles: readonly Single[],
  before: Readonly<ScheduleTrace>,
  event: AuditedScheduleEvent,
): readonly Single[] => {
  switch (event.type) {
    case 'OccurrenceMoved': {
      const occurrenceAt = exactInstant(event.data.occurrenceAt);
      const dueAt = exactInstant(event.data.dueAt);
      return [...without(singles, occurrenceAt), { occurrenceAt, dueAt, hasJob: true }];
    }
    case 'OccurrenceCancelled': {
      const occurrenceAt = exactInstant(event.data.occurrenceAt);
      return [...without(singles, occurrenceAt), { occurrenceAt, hasJob: false }];
    }
    case 'SchedulePaused':
      return takenBack(singles, before, event.at);
    case 'ScheduleChanged':
      return event.data.withdraws === 'unstarted' ? [] : takenBack(singles, before, event.at);
    case 'ScheduleResumed':
      return singles.map((single) =>
        !single.hasJob && single.dueAt !== undefined && single.dueAt <= event.at
          ? { occurrenceAt: single.occurrenceAt, hasJob: false }
          : single,
      );
    case 'OccurrencePlanned':
    case 'OccurrencesSkipped':
      return toCome(singles, before, event.at);
    case 'ScheduleCreated':
    case 'ScheduleDeleted':
      return [];
    default:
      return singles;
  }
};
