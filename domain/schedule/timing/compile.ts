import type { Instant } from '../../time';
import { DAY_SECONDS, dayOf } from './calendar/civil';
import { wallOf } from './calendar/local-time';
import {
  minus,
  NONE,
  nth,
  outside,
  plus,
  within,
  type Range,
  type Sequence,
} from './calendar/sequence';
import { instantsOfDay, type Zone, type ZoneTables } from './calendar/zone';
import { zoned } from './calendar/zoned';
import { cronRule } from './cron/rule';
import { COUNTED_SECONDS, TIMING_LIMITS, type TimingDefinition } from './definition';
import { everyRule } from './every/rule';
import { isFlaw, quoted, type Flaw, type TimingCode, type TimingProblem } from './problem';
import { rruleRule } from './rrule/rule';
import type { Rule } from './rule';

/** A definition that can be asked when it falls due. Holds no clock: every question brings its instant. */
export type CompiledTiming = {
  readonly zone: Zone;
  /** Release of the zone tables that it was compiled with: `2026f`. */
  readonly tzdata: string;
  readonly rule: Rule;
  /** All instants, in seconds. */
  readonly due: Sequence;
  /** The same before `exclude` and EXDATE. */
  readonly unfiltered: Sequence;
  readonly excluded: readonly Range[];
  /** EXDATEs. */
  readonly removed: readonly number[];
  /** Bounds of startAt, endAt and maxCount, in seconds, both inclusive. */
  readonly first: number;
  readonly last: number;
};

export type CompileOutcome =
  | { readonly outcome: 'compiled'; readonly timing: CompiledTiming }
  /** There is at least one problem. */
  | {
      readonly outcome: 'refused';
      readonly code: TimingCode;
      readonly problems: readonly TimingProblem[];
    };

/** The last second that a timestamp can be written for. */
const LAST_SECOND = dayOf(10_000, 1, 1) * DAY_SECONDS - 1;
const FIRST_SECOND = dayOf(TIMING_LIMITS.firstYear, 1, 1) * DAY_SECONDS;

const problemsAt = (pointer: string, flaws: readonly Flaw[]): readonly TimingProblem[] =>
  flaws.map(({ flaw }) => ({ pointer, reason: flaw }));

type Read<Value> = { readonly value: Value } | { readonly problems: readonly TimingProblem[] };

const pointerOf = ({ timing }: TimingDefinition): string => {
  if ('cron' in timing) return '/timing/cron';
  return 'rrule' in timing ? '/timing/rrule' : '/timing/every';
};

const readRule = (definition: TimingDefinition, zone: Zone, zones: ZoneTables): Read<Rule> => {
  const { timing } = definition;
  const read = (): Rule | Flaw | readonly Flaw[] => {
    if ('cron' in timing) return cronRule(timing.cron, definition);
    if ('rrule' in timing) return rruleRule(timing.rrule, definition, zone, zones);
    return everyRule(timing.every, definition, zone);
  };
  const rule = read();
  if ('kind' in rule) return { value: rule };
  return { problems: problemsAt(pointerOf(definition), isFlaw(rule) ? [rule] : rule) };
};

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** The ranges of instants that the days cover, those that touch in one. */
const readExcluded = (days: readonly string[], zone: Zone): Read<readonly Range[]> => {
  const problems: TimingProblem[] = [];
  const ranges: Range[] = [];
  if (days.length > TIMING_LIMITS.excludedDays)
    problems.push({
      pointer: '/exclude',
      reason: `it has more than ${TIMING_LIMITS.excludedDays} days`,
    });
  for (const [index, text] of days.slice(0, TIMING_LIMITS.excludedDays).entries()) {
    const [year = 0, month = 0, day = 0] = DATE.exec(text)?.slice(1).map(Number) ?? [];
    const wall = wallOf([year, month, day]);
    if (wall !== undefined) ranges.push(...instantsOfDay(zone, wall / DAY_SECONDS));
    else
      problems.push({
        pointer: `/exclude/${index}`,
        reason: `${quoted(text)} is not a day such as 2026-12-25`,
      });
  }
  if (problems.length > 0) return { problems };
  const merged: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && range.start <= last.end)
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    else merged.push(range);
  }
  return { value: merged };
};

const problemsOfBounds = ({
  startAt,
  endAt,
  maxCount,
}: TimingDefinition): readonly TimingProblem[] => {
  const problems: TimingProblem[] = [];
  if (startAt !== undefined && endAt !== undefined && startAt > endAt)
    problems.push({ pointer: '/endAt', reason: 'it is before startAt' });
  const isCount = (value: number): boolean =>
    Number.isInteger(value) && value >= 1 && value <= TIMING_LIMITS.maxCount;
  if (maxCount !== undefined && !isCount(maxCount))
    problems.push({
      pointer: '/maxCount',
      reason: `it is not a whole number from 1 to ${TIMING_LIMITS.maxCount}`,
    });
  return problems;
};

const instantsOfRule = (rule: Rule, zone: Zone): Sequence => {
  if (rule.kind === 'instants') return rule.instants;
  const instants = zoned(rule.walls, zone, rule.clockChange);
  const ended = rule.until === undefined ? instants : within(instants, -NONE, rule.until);
  return rule.added?.length ? plus(ended, rule.added) : ended;
};

const refused = (code: TimingCode, problems: readonly TimingProblem[]): CompileOutcome => ({
  outcome: 'refused',
  code,
  problems,
});

/** Whether anything is said by which a rule could be kept from falling due. */
const neverReason = ({ startAt, endAt, exclude = [] }: TimingDefinition): string => {
  const limits = [
    ...(startAt === undefined ? [] : ['startAt']),
    ...(endAt === undefined ? [] : ['endAt']),
    ...(exclude.length === 0 ? [] : ['exclude']),
  ];
  return limits.length === 0
    ? 'no day and time is as it says, from now on: it would never run'
    : `no day and time is as it says, from now on and within ${limits.join(', ')}: it would never run`;
};

const lastOfMaxCount = (all: Sequence, from: number, maxCount: number, last: number): number =>
  Math.min(last, nth(all, from, maxCount, Math.min(last + 1, from + COUNTED_SECONDS)));

/**
 * Reads a definition, once: what comes back answers in microseconds.
 *
 * @param countedAfter  the instant at which the definition was made or changed: occurrences after it count for
 *   `maxCount`, and without any after it the definition is refused
 */
export const compileTiming = (
  definition: TimingDefinition,
  zones: ZoneTables,
  countedAfter: Instant,
): CompileOutcome => {
  const zone = zones.zone(definition.timeZone);
  const bounds = problemsOfBounds(definition);
  if (!zone) {
    const reason = `there is no time zone ${quoted(definition.timeZone)}; use a name such as Europe/Berlin or UTC`;
    return refused('timing-invalid', [{ pointer: '/timeZone', reason }, ...bounds]);
  }
  const rule = readRule(definition, zone, zones);
  const excluded = readExcluded(definition.exclude ?? [], zone);
  if ('problems' in rule || 'problems' in excluded || bounds.length > 0) {
    const found = [rule, excluded].flatMap((read) => ('problems' in read ? read.problems : []));
    return refused('timing-invalid', [...found, ...bounds]);
  }

  const { startAt = -Infinity, endAt = Infinity, maxCount } = definition;
  const first = Math.max(FIRST_SECOND, Math.ceil(startAt / 1_000));
  const last = Math.min(LAST_SECOND, Math.floor(endAt / 1_000));
  const removed = rule.value.kind === 'walls' ? (rule.value.removed ?? []) : [];
  const filtered = (all: Sequence): Sequence => {
    const left = removed.length > 0 ? minus(all, removed) : all;
    return excluded.value.length > 0 ? outside(left, excluded.value) : left;
  };
  const all = instantsOfRule(rule.value, zone);
  const countedFrom = Math.floor(countedAfter / 1_000) + 1;
  const end =
    maxCount === undefined
      ? last
      : lastOfMaxCount(within(filtered(all), first, last), countedFrom, maxCount, last);
  const due = within(filtered(all), first, end);
  if (due.from(countedFrom) === NONE)
    return refused('timing-never-fires', [
      { pointer: pointerOf(definition), reason: neverReason(definition) },
    ]);
  return {
    outcome: 'compiled',
    timing: {
      zone,
      tzdata: zones.version,
      rule: rule.value,
      due,
      unfiltered: within(all, first, end),
      excluded: excluded.value,
      removed,
      first,
      last: end,
    },
  };
};
