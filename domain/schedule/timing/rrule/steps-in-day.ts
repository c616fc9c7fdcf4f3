import { DAY_SECONDS, modulo } from '../calendar/civil';
import { smallSet } from '../calendar/small-set';
import { timesOfDay, type TimesOfDay } from '../calendar/times-of-day';
import type { WallSeconds } from '../calendar/local-time';
import { placesIn, type TimeSets } from './time-sets';

/** Up to so long an interval a table says how many units a day has; beyond it a day has few enough to count. */
const TABLE_SIZE = 8_640;

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

  const unitsOfPhase = (phase: number): number => {
    let total = 0;
    for (let unit = unitFrom(phase, 0); unit < units; unit = unitFrom(phase, unit + 1)) total += 1;
    return total;
  };

  const table = interval <= TABLE_SIZE ? new Int32Array(interval).fill(-1) : undefined;
  /** Days of the same phase have the same units. */
  const unitsOn = (day: number): number => {
    const phase = phaseOf(day);
    if (!table) return unitsOfPhase(phase);
    const known = table[phase] ?? -1;
    if (known >= 0) return known;
    const many = unitsOfPhase(phase);
    table[phase] = many;
    return many;
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

  return {
    isDue: (day) => inUnit.length > 0 && unitsOn(day) > 0,
    times: {
      from,
      count: (day, start_, end) => {
        if (start_ === 0 && end === DAY_SECONDS) return unitsOn(day) * inUnit.length;
        let total = 0;
        for (let at = from(day, start_); at < end && at < DAY_SECONDS; at = from(day, at + 1))
          total += 1;
        return total;
      },
      perDay: undefined,
    },
  };
};
