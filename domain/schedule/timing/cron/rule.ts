import { daysAndTimes } from '../calendar/days-and-times';
import { smallSet } from '../calendar/small-set';
import { timesOfDay } from '../calendar/times-of-day';
import type { ClockChange, MonthEndPolicy } from '../definition';
import type { Flaw } from '../problem';
import { clockChangeFor, type RuleOfWalls } from '../rule';
import { cronDays } from './days';
import { cronMeaning } from './meaning';
import { readCron } from './read';

/** Whether an hour field names hours: neither a wildcard nor steps, read from its text. */
const hasFixedHours = (hour: string): boolean => !/[*?/]/.test(hour);

/** The rule of a cron text. Days that a month lacks are left out where the owner said nothing. */
export const cronRule = (
  cron: string,
  chosen: { readonly clockChange?: Partial<ClockChange>; readonly monthEnd?: MonthEndPolicy },
): RuleOfWalls | readonly Flaw[] => {
  const fields = readCron(cron);
  if (!('months' in fields)) return fields;
  const { seconds, minutes, hours, monthDays, months, weekdays, text } = fields;
  const monthEnd = chosen.monthEnd ?? 'skip';
  const monthBits = months.reduce((bits, month) => bits | (1 << (month - 1)), 0);
  return {
    kind: 'walls',
    walls: daysAndTimes(
      cronDays(monthBits, monthDays, weekdays, monthEnd),
      timesOfDay(smallSet(hours), smallSet(minutes), smallSet(seconds)),
    ),
    clockChange: clockChangeFor(chosen.clockChange, hasFixedHours(text.hour)),
    monthEnd,
    meaning: () => cronMeaning(fields, monthEnd),
  };
};
