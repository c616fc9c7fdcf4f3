import { DAY_SECONDS, firstDayOf, lengthOf } from '../calendar/civil';
import { daysAndTimes, type DaysOfMonth } from '../calendar/days-and-times';
import type { WallSeconds } from '../calendar/local-time';
import type { Sequence } from '../calendar/sequence';
import { smallSet } from '../calendar/small-set';
import { timesOfDay } from '../calendar/times-of-day';
import { ruleDays, type DayTest } from './days';
import type { Parts, Skip } from './read-parts';
import { chosenByPlace } from './set-positions';
import { stepsInDay } from './steps-in-day';
import { timeSetsOf, UNIT_SECONDS, withInterval } from './time-sets';

const daysWhere =
  (isDue: DayTest, mayBeDue: (month: number) => boolean): DaysOfMonth =>
  (month) => {
    if (!mayBeDue(month)) return 0;
    const first = firstDayOf(month);
    let due = 0;
    for (let place = 0; place < lengthOf(month); place += 1)
      if (isDue(first + place, month, place + 1)) due |= 1 << place;
    return due;
  };

/** The wall times of a rule as if it had no beginning and no end: DTSTART only completes it. */
export const ruleWalls = (parts: Parts, start: WallSeconds, skip: Skip): Sequence => {
  const { bySetPos } = parts;
  const days = ruleDays(parts, Math.floor(start / DAY_SECONDS), skip);
  const sets = timeSetsOf(parts, start);
  const unit = UNIT_SECONDS[parts.frequency];
  if (unit === undefined && bySetPos) {
    const chosen = chosenByPlace(parts, bySetPos, days, sets);
    return daysAndTimes(chosen.days, chosen.times);
  }
  const everyDay = bySetPos ? undefined : withInterval(sets, parts, start);
  if (everyDay) {
    const { hours, minutes, seconds } = everyDay;
    return daysAndTimes(
      daysWhere(days.isDue, days.mayBeDue),
      timesOfDay(smallSet(hours), smallSet(minutes), smallSet(seconds)),
    );
  }
  const steps = stepsInDay(unit ?? 1, parts.interval, start, sets, bySetPos);
  return daysAndTimes(
    daysWhere(
      (day, month, dayOfMonth) => days.isDue(day, month, dayOfMonth) && steps.isDue(day),
      days.mayBeDue,
    ),
    steps.times,
  );
};
