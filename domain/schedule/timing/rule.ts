import type { Sequence } from './calendar/sequence';
import type { ClockChange, MonthEndPolicy } from './definition';

/** A timing text, read: what it says before zone, exclusions and bounds. */
export type Rule = RuleOfWalls | RuleOfInstants;

/** Falls due at wall times, which a zone turns into instants. */
export type RuleOfWalls = {
  readonly kind: 'walls';
  readonly walls: Sequence;
  /** How the wall times are placed where clocks are changed. */
  readonly clockChange: ClockChange;
  readonly monthEnd: MonthEndPolicy;
  /** Last instant of the wall times, seconds; of RRULE's UNTIL. */
  readonly until?: number;
  /** Instants beside them, and instants that are none, seconds in growing order; of RDATE and EXDATE. */
  readonly added?: readonly number[];
  readonly removed?: readonly number[];
  /** How the text was read where people differ about it, in sentences; asked for by few. */
  readonly meaning: () => readonly string[];
};

/** Falls due at instants: elapsed time from an anchor. */
export type RuleOfInstants = {
  readonly kind: 'instants';
  readonly instants: Sequence;
  /** The anchor, from which it elapses. */
  readonly anchorAt: number;
  /** It counts nothing but elapsed time: no zone has a say after the anchor. */
  readonly isElapsed: boolean;
  readonly meaning: () => readonly string[];
};

/** The policy where the owner said nothing. Fixed hours always run, once; hours that follow each other run as often as clocks show them. */
export const clockChangeFor = (
  chosen: Partial<ClockChange> | undefined,
  hasFixedHours: boolean,
): ClockChange => ({
  gap: chosen?.gap ?? (hasFixedHours ? 'shift' : 'skip'),
  overlap: chosen?.overlap ?? (hasFixedHours ? 'first' : 'both'),
});
