import type { Violation } from '../../domain/audit/violation';
import { jobStream } from '../../domain/ids';
import type { Gone, GoneStreams } from './gone-streams';

/** What cannot be compared where a history is gone. */
const OF_WHAT_IS_GONE: ReadonlySet<string> = new Set([
  ...['row-missing', 'row-unknown', 'parked-stream', 'due-row-missing', 'due-row-unknown'],
  ...['schedule-row-missing', 'schedule-row-unknown', 'occurrence-rows-differ'],
  ...['unplanned-job', 'planned-job-missing', 'withdrawn-job-left'],
]);

const SEALED_AND_MISSING = 'seal-event-removed';
/** Nobody goes on with what was deleted for good. */
const NO_OUTCOME: ReadonlySet<string> = new Set(['missing-outcome', 'occurrence-undecided']);

/**
 * Keeps back what may come of a history that is gone, for that is known only at the end of the log, and tells then
 * which it was. All else is told immediately.
 */
export const weighed = (
  report: (violation: Violation) => void,
  gone: Pick<GoneStreams, 'isGone' | 'isDeleted' | 'missingAtMost'>,
) => {
  const kept: Violation[] = [];

  const isExcused = ({ rule, subject, streams = [jobStream(subject)] }: Violation): boolean =>
    streams.some(NO_OUTCOME.has(rule) ? gone.isDeleted : gone.isGone);

  const settleSeals = (removals: readonly Violation[]): readonly Gone[] => {
    const missing = removals.reduce((sum, { removed = 0 }) => sum + removed, 0);
    if (missing > gone.missingAtMost()) {
      removals.forEach(report);
      return [];
    }
    return removals.map(({ removed, message, ...rest }) => ({
      ...rest,
      rule: 'seal-unprovable',
      message: `${removed} events that were sealed are gone, as many as truncated or deleted streams may have had; what they said cannot be proved any more, what is left is as it was sealed (${message})`,
    }));
  };

  return {
    report: (violation: Violation): void => {
      const { rule, removed } = violation;
      const isKept =
        OF_WHAT_IS_GONE.has(rule) ||
        NO_OUTCOME.has(rule) ||
        (rule === SEALED_AND_MISSING && removed !== undefined);
      if (isKept) kept.push(violation);
      else report(violation);
    },
    /** At the end of everything. @returns what is neither a violation nor proved, beside the streams themselves */
    settle: (): readonly Gone[] => {
      for (const violation of kept)
        if (violation.rule !== SEALED_AND_MISSING && !isExcused(violation)) report(violation);
      return settleSeals(kept.filter(({ rule }) => rule === SEALED_AND_MISSING));
    },
  };
};
