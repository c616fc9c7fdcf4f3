import { DAY_SECONDS, modulo } from '../calendar/civil';
import { smallSet } from '../calendar/small-set';
import { timesOfDay, type TimesOfDay } from '../calendar/times-of-day';
import type { WallSeconds } from '../calendar/local-time';
import { placesIn, type TimeSets } from './time-sets';

/** Up to so long an interval tables say how many times a day has; beyond it a day has few enough to count. */
const TABLE_SIZE = 1_440;

/** Steps of hours, minutes or seconds that are not at the same times every day. */
export type StepsInDay = {
  readonly times: TimesOfDay;
  /** Whether there is any time on a day. */
  readonly isDue: (day: number) => boolean;
};

/**
 * Every `interval` units from `start` on, by the wall clock, as far as the sets allow it.
 *
 * @param places  which of the times within one unit count (BYSETPOS); all when undefined
 */
export const stepsInDay = (
  unitSeconds: number,
  interval: number,
  start: WallSeconds,
  { hours, minutes, seconds }: TimeSets,
  places: readonly number[] | undefined,
): StepsInDay => {
  const units = DAY_SECONDS / unitSeconds;
  const startUnit = Math.floor(start / unitSeconds);
  const zero = smallSet([0]);
  const allowed = timesOfDay(
    smallSet(hours),
    unitSeconds <= 60 ? smallSet(minutes) : zero,
    unitSeconds === 1 ? smallSet(seconds) : zero,
  );
  const allInUnit =
    unitSeconds === 3_600
      ? minutes.flatMap((minute) => seconds.map((second) => minute * 60 + second))
      : unitSeconds === 60
        ? seconds
        : [0];
  const inUnit = places
    ? placesIn(allInUnit.length, places).map((index) => allInUnit[index] ?? Number.NaN)
    : allInUnit;

  /** First unit of a day on the grid of the interval; may lie beyond the day. */
  const phaseOf = (day: number): number => modulo(startUnit - day * units, interval);

  /** The first unit on the grid, and allowed, that is at least `unit`; `units` when the day has none. */
  const unitFrom = (phase: number, unit: number): number => {
    for (let at = unit; ;) {
      const candidate = allowed.from(0, at * unitSeconds) / unitSeconds;
      if (candidate >= units) return units;
      at = phase + Math.max(0, Math.ceil((candidate - phase) / interval)) * interval;
      if (at === candidate) return at;
      if (at >= units) return units;
    }
  };

  const from = (day: number, second: number): number => {
    const phase = phaseOf(day);
    const firstUnit = Math.floor(second / unitSeconds);
    for (let unit = unitFrom(phase, firstUnit); unit < units; unit = unitFrom(phase, unit + 1)) {
      const least = unit === firstUnit ? second - unit * unitSeconds : 0;
      const found = inUnit.find((inside) => inside >= least);
      if (found !== undefined) return unit * unitSeconds + found;
    }
    return DAY_SECONDS;
  };

  const walk = (day: number, start_: number, end: number): number => {
    let total = 0;
    for (let at = from(day, start_); at < end && at < DAY_SECONDS; at = from(day, at + 1))
      total += 1;
    return total;
  };

  const tables = interval <= TABLE_SIZE ? new Map<number, readonly number[]>() : undefined;
  /** How many times there are before each hour of a day: days of the same phase have the same. */
  const beforeHours = (day: number): readonly number[] | undefined => {
    const phase = phaseOf(day);
    const known = tables?.get(phase);
    if (known || !tables) return known;
    const before = [0];
    for (let hour = 0; hour < 24; hour += 1)
      before.push((before[hour] ?? 0) + walk(day, hour * 3_600, (hour + 1) * 3_600));
    tables.set(phase, before);
    return before;
  };

  const below = (day: number, before: readonly number[], second: number): number => {
    const hour = Math.floor(second / 3_600);
    return (before[hour] ?? 0) + walk(day, hour * 3_600, second);
  };

  const count = (day: number, start_: number, end: number): number => {
    const before = beforeHours(day);
    return before ? below(day, before, end) - below(day, before, start_) : walk(day, start_, end);
  };

  return {
    isDue: (day) => count(day, 0, DAY_SECONDS) > 0,
    times: { from, count, perDay: undefined },
  };
};
