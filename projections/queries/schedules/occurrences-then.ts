import { comeUntil, isMoved } from '../../../domain/schedule/state';
import { toTimestamp, type Instant } from '../../../domain/time';
import {
  byKey,
  FIRST,
  LAST_INSTANT,
  LAST_REVISION,
  type AskedOccurrences,
  type ExceptionRow,
  type OccurrenceKey,
  type OccurrenceRow,
  type OccurrencesThen,
} from './listed-occurrence';

/** What statements are to leave out of the present: what was said later, and of what came after then. */
export const boundsOf = ({
  schedule,
  then,
}: AskedOccurrences): { readonly known: string; readonly then: string; readonly come: string } =>
  then
    ? {
        known: String(schedule.revision),
        then: toTimestamp(then.at),
        come: toTimestamp(comeUntil(schedule, then.at)),
      }
    : { known: String(LAST_REVISION), then: 'infinity', come: 'infinity' };

const isWithin = (
  { window: { from = FIRST.at, to = LAST_INSTANT }, after = FIRST }: AskedOccurrences,
  key: OccurrenceKey,
): boolean => key.at >= from && key.at <= to && byKey(after, key) < 0;

/** Before all rows of an instant: one that is on the page before is not taken for one that is gone. */
const OF_NO_ROW = 0n;

/**
 * Runs that were ahead then and whose rows are gone: a job that is moved stands in the row of its last move only, and
 * that came later.
 */
const movedSince = (
  asked: AskedOccurrences,
  known: readonly OccurrenceRow[],
): readonly OccurrenceRow[] => {
  const { schedule } = asked;
  return schedule.ahead
    .filter(
      ({ occurrenceAt, jobId }) =>
        isWithin(asked, { at: occurrenceAt, revision: OF_NO_ROW }) &&
        !known.some((row) => row.job_id === jobId && row.occurrence_at.getTime() === occurrenceAt),
    )
    .map((planned) => ({
      occurrence_at: new Date(planned.occurrenceAt),
      due_at: new Date(planned.dueAt),
      revision: String(OF_NO_ROW),
      kind: isMoved(schedule, planned) ? 'moved' : 'rule',
      job_id: planned.jobId,
      ...{ is_cancelled: false, withdrawn_by: null },
      ...{ job_status: 'scheduled', started_at: null, finished_at: null },
    }));
};

/** Jobs that are read at once. */
const READS_AT_ONCE = 8;

const dateOf = (instant: Instant | undefined): Date | null =>
  instant === undefined ? null : new Date(instant);

/** A row with its job as it stood then; one that had ended by then stands as it does now. */
const rowThen = async (
  row: OccurrenceRow,
  { at, jobOf }: OccurrencesThen,
): Promise<OccurrenceRow> => {
  const hasEnded = row.finished_at !== null && row.finished_at.getTime() <= at;
  if (row.job_status === null || hasEnded) return row;
  const job = await jobOf(row.job_id);
  return {
    ...row,
    job_status: job?.status ?? null,
    started_at: dateOf(job?.startedAt),
    finished_at: dateOf(job?.finishedAt),
  };
};

/** The rows of a page as they stood then. */
export const rowsThen = async (
  asked: AskedOccurrences,
  kept: readonly OccurrenceRow[],
  then: OccurrencesThen,
): Promise<readonly OccurrenceRow[]> => {
  const rows = [...kept, ...movedSince(asked, kept)];
  const told: OccurrenceRow[] = [];
  for (let first = 0; first < rows.length; first += READS_AT_ONCE) {
    const some = rows.slice(first, first + READS_AT_ONCE);
    told.push(...(await Promise.all(some.map((row) => rowThen(row, then)))));
  }
  return told;
};

/** What was said of occurrences without a job: of those to come then the schedule knows it, as it stood. */
export const exceptionsThen = (
  asked: AskedOccurrences,
  kept: readonly ExceptionRow[],
  planned: readonly OccurrenceRow[],
): readonly ExceptionRow[] => {
  const { exceptions } = asked.schedule;
  const isCancelled = (occurrenceAt: Instant): boolean =>
    planned.some((row) => row.is_cancelled && row.occurrence_at.getTime() === occurrenceAt);
  const known = exceptions.filter(
    ({ occurrenceAt }) =>
      isWithin(asked, { at: occurrenceAt, revision: LAST_REVISION }) && !isCancelled(occurrenceAt),
  );
  const isKnown = (at: Instant): boolean =>
    exceptions.some(({ occurrenceAt }) => occurrenceAt === at);
  return [
    ...known.map(({ occurrenceAt, dueAt }) => ({
      occurrence_at: new Date(occurrenceAt),
      due_at: dateOf(dueAt),
    })),
    ...kept.filter(
      ({ occurrence_at, due_at }) => due_at === null && !isKnown(occurrence_at.getTime()),
    ),
  ];
};
