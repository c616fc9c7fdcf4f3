import { listed, NONE, nth, within, type Sequence } from '../calendar/sequence';
import {
  instantsOf,
  LONGEST_CHANGE,
  offsetOf,
  segmentAt,
  startOf,
  type Zone,
  type ZoneTables,
} from '../calendar/zone';
import { COUNTED_SECONDS, type ClockChange, type MonthEndPolicy } from '../definition';
import { isFlaw, type Flaw } from '../problem';
import { clockChangeFor, type RuleOfWalls } from '../rule';
import { instantsOfDate, type RuleDate } from './dates';
import type { Parts, Skip } from './read-parts';
import { readRruleText, type ZonedDate } from './read';
import { UNIT_SECONDS } from './time-sets';
import { ruleWalls } from './walls';

/** Wall times of a sequence that clocks leave out, up to and including one. */
const leftOut = (walls: Sequence, from: number, last: number, zone: Zone): number => {
  let total = 0;
  const end = segmentAt(zone, last + LONGEST_CHANGE);
  for (let i = segmentAt(zone, from - LONGEST_CHANGE) + 1; i <= end; i += 1) {
    const [start, end_] = [
      startOf(zone, i) + offsetOf(zone, i - 1),
      startOf(zone, i) + offsetOf(zone, i),
    ];
    const [first, beyond] = [Math.max(start, from), Math.min(end_, last + 1)];
    if (first < beyond) total += walls.count(first, beyond);
  }
  return total;
};

/**
 * The last wall time of COUNT. One that clocks leave out counts if it runs, moved; by the policy `skip` it is
 * none (RFC 5545, 3.3.10). One that is shown twice counts once.
 */
const lastOfCount = (
  walls: Sequence,
  start: number,
  count: number,
  zone: Zone,
  { gap }: ClockChange,
): number => {
  const limit = start + COUNTED_SECONDS;
  let [from, last] = [start, nth(walls, start, count, limit)];
  while (gap === 'skip' && last !== NONE) {
    const missing = leftOut(walls, from, last, zone);
    if (missing === 0) break;
    from = last + 1;
    last = nth(walls, from, missing, limit);
  }
  return last;
};

const untilOf = (until: RuleDate, zone: Zone): number =>
  until.isUtc
    ? until.wall
    : (instantsOf(zone, until.wall, { gap: 'shift', overlap: 'second' })[0] ?? NONE);

const instantsOfAll = (dates: readonly ZonedDate[], clockChange: ClockChange): readonly number[] =>
  [...new Set(dates.flatMap(({ date, zone }) => instantsOfDate(date, zone, clockChange)))].toSorted(
    (a, b) => a - b,
  );

/** The wall times of the rule alone, from DTSTART to COUNT. */
const boundedWalls = (
  parts: Parts,
  start: number,
  skip: Skip,
  zone: Zone,
  clockChange: ClockChange,
): Sequence => {
  const walls = ruleWalls(parts, start, skip);
  if (walls.from(start) === NONE) return listed([]);
  const last =
    parts.count === undefined ? NONE : lastOfCount(walls, start, parts.count, zone, clockChange);
  return within(walls, start, last);
};

/** What people take for elapsed time, and is a wall time. */
const STEPPING =
  'Hours, minutes and seconds are those that clocks show; for elapsed time use `every` with PT2H, for example.';
const PHASE = 'DTSTART itself is an occurrence only if the rule says so.';

/** The rule of an RRULE text. DTSTART completes it, and is an occurrence if the rule says so. */
export const rruleRule = (
  text: string,
  chosen: { readonly clockChange?: Partial<ClockChange>; readonly monthEnd?: MonthEndPolicy },
  zone: Zone,
  zones: ZoneTables,
): RuleOfWalls | Flaw => {
  const read = readRruleText(text, zone, zones);
  if (isFlaw(read)) return read;
  const { start, parts, added, removed } = read;
  const stepsThroughHours =
    parts !== undefined && UNIT_SECONDS[parts.frequency] !== undefined && !parts.byHour;
  const clockChange = clockChangeFor(chosen.clockChange, !stepsThroughHours);
  const skip = parts?.skip ?? (chosen.monthEnd === 'last' ? 'BACKWARD' : 'OMIT');
  const walls = parts
    ? boundedWalls(parts, start.wall, skip, zone, clockChange)
    : listed([start.wall]);
  return {
    kind: 'walls',
    walls,
    clockChange,
    monthEnd: skip === 'BACKWARD' ? 'last' : 'skip',
    ...(parts?.until && { until: untilOf(parts.until, zone) }),
    added: instantsOfAll(added, clockChange),
    removed: instantsOfAll(removed, clockChange),
    meaning: () => [
      ...(parts && walls.from(start.wall) !== start.wall ? [PHASE] : []),
      ...(stepsThroughHours ? [STEPPING] : []),
    ],
  };
};
