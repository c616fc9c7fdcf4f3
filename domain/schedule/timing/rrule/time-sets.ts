import { DAY_SECONDS, modulo } from '../calendar/civil';
import type { WallSeconds } from '../calendar/local-time';
import type { Frequency, Parts } from './read-parts';

/** Hours, minutes and seconds that a rule allows, in growing order. */
export type TimeSets = {
  readonly hours: readonly number[];
  readonly minutes: readonly number[];
  readonly seconds: readonly number[];
};

/** Seconds of the unit in which a rule steps within a day. */
export const UNIT_SECONDS: Readonly<Partial<Record<Frequency, number>>> = {
  HOURLY: 3_600,
  MINUTELY: 60,
  SECONDLY: 1,
};

const all = (size: number): readonly number[] => Array.from({ length: size }, (_, i) => i);

const sorted = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].toSorted((a, b) => a - b);

/** What the rule says, DTSTART where it says nothing, or all of them where the rule steps through them. */
export const timeSetsOf = (parts: Parts, start: WallSeconds): TimeSets => {
  const unit = UNIT_SECONDS[parts.frequency] ?? DAY_SECONDS;
  const second = modulo(start, DAY_SECONDS);
  return {
    hours: sorted(parts.byHour ?? (unit <= 3_600 ? all(24) : [Math.floor(second / 3_600)])),
    minutes: sorted(parts.byMinute ?? (unit <= 60 ? all(60) : [Math.floor(second / 60) % 60])),
    seconds: sorted(parts.bySecond ?? (unit === 1 ? all(60) : [second % 60])),
  };
};

/** Where the interval divides the next larger unit, the same times come every day: the sets that say so. */
export const withInterval = (
  sets: TimeSets,
  { frequency, interval }: Parts,
  start: WallSeconds,
): TimeSets | undefined => {
  const onGrid = (values: readonly number[], at: number): readonly number[] =>
    values.filter((value) => modulo(value - at, interval) === 0);
  const second = modulo(start, DAY_SECONDS);
  if (frequency === 'HOURLY' && 24 % interval === 0)
    return { ...sets, hours: onGrid(sets.hours, Math.floor(second / 3_600)) };
  if (frequency === 'MINUTELY' && 60 % interval === 0)
    return { ...sets, minutes: onGrid(sets.minutes, Math.floor(second / 60)) };
  if (frequency === 'SECONDLY' && 60 % interval === 0)
    return { ...sets, seconds: onGrid(sets.seconds, second) };
  return UNIT_SECONDS[frequency] === undefined ? sets : undefined;
};

/** Those that are counted from 1, or from -1 backwards; places that are not there are left out. */
export const placesIn = (total: number, places: readonly number[]): readonly number[] =>
  sorted(places.map((place) => (place > 0 ? place - 1 : total + place))).filter(
    (index) => index >= 0 && index < total,
  );
