import { flaw, type Flaw } from '../problem';
import type { Frequency, Parts } from './read-parts';

const isOneOf = (frequency: Frequency, ...frequencies: readonly Frequency[]): boolean =>
  frequencies.includes(frequency);

/** Longer than a month is, in weeks. */
const MOST_WEEKS_OF_MONTH = 5;

/** What RFC 5545 (3.3.10) does not let stand together, and what never comes; undefined when all is well. */
export const flawOfParts = (parts: Parts): Flaw | undefined => {
  const { frequency, byDay, byWeekNo } = parts;
  const has = (what: string, why: string): Flaw =>
    flaw(`RRULE: FREQ=${frequency} with ${what} has no meaning: ${why}`);
  if (parts.count !== undefined && parts.until)
    return flaw('RRULE: COUNT and UNTIL both end it: use one of them');
  if (byWeekNo && frequency !== 'YEARLY')
    return has('BYWEEKNO', 'weeks are numbered in a year, so it goes with YEARLY');
  if (parts.byYearDay && isOneOf(frequency, 'DAILY', 'WEEKLY', 'MONTHLY'))
    return has('BYYEARDAY', 'days are numbered in a year, so it goes with YEARLY');
  if (parts.byMonthDay && frequency === 'WEEKLY')
    return has('BYMONTHDAY', 'a week has no days of a month');
  const ordinals = byDay?.flatMap(({ n }) => (n === undefined ? [] : [Math.abs(n)])) ?? [];
  if (ordinals.length > 0 && !isOneOf(frequency, 'MONTHLY', 'YEARLY'))
    return has('a numbered BYDAY', 'weekdays are numbered in a month or a year');
  if (ordinals.length > 0 && byWeekNo)
    return flaw(
      'RRULE: a numbered BYDAY with BYWEEKNO has no meaning: a week has one of each weekday',
    );
  const areInMonths = frequency === 'MONTHLY' || parts.byMonth !== undefined;
  if (areInMonths && ordinals.some((n) => n > MOST_WEEKS_OF_MONTH))
    return flaw('RRULE: BYDAY: a month has five of a weekday at most');
  if (parts.bySetPos && !hasOtherBy(parts))
    return flaw('RRULE: BYSETPOS chooses from what other BY… parts give: there is none');
  if (parts.bySetPos && parts.skip === 'FORWARD')
    return flaw('RRULE: BYSETPOS with SKIP=FORWARD is not supported');
  return undefined;
};

const hasOtherBy = (parts: Parts): boolean =>
  [
    parts.bySecond,
    parts.byMinute,
    parts.byHour,
    parts.byDay,
    parts.byMonthDay,
    parts.byYearDay,
    parts.byWeekNo,
    parts.byMonth,
  ].some((part) => part !== undefined);
