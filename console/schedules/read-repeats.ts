import { writtenOf, type Place, type Repeats, type Timing, type Weekday } from './repeats';

const two = (value: string): string => value.padStart(2, '0');

const isBelow = (text: string, end: number): boolean =>
  /^\d{1,2}$/.test(text) && Number(text) < end;

const NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const RRULE_NAMES = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** Sunday is 0 and 7 to cron, and 7 here. */
const weekdayOf = (text: string, names: readonly string[]): Weekday | undefined => {
  const named = names.indexOf(text.toUpperCase());
  const day = named < 0 && /^[0-7]$/.test(text) ? Number(text) : named;
  return day < 0 ? undefined : day || 7;
};

/** Days of the week in their order; undefined where one of the texts is none. */
const weekdaysOf = (
  items: readonly string[],
  names: readonly string[],
): readonly Weekday[] | undefined => {
  const days: Weekday[] = [];
  for (const item of items) {
    const [first = '', last = first, ...rest] = item.split('-');
    const [from, to] = [weekdayOf(first, names), weekdayOf(last, names)];
    if (from === undefined || to === undefined || from > to || rest.length > 0) return undefined;
    for (let day = from; day <= to; day += 1) days.push(day);
  }
  return [...new Set(days)].toSorted((one, other) => one - other);
};

type Found = Pick<Repeats, 'frequency'> & Partial<Repeats>;

const ofWeekdays = (text: string, time: string): Found | undefined => {
  const [, name = '', nth, last] = /^(\w+?)(?:#([1-5])|(L))$/.exec(text) ?? [];
  const placed = weekdayOf(name, NAMES);
  const place = nth ?? last;
  if (place !== undefined && placed !== undefined)
    return { frequency: 'nth', place: place as Place, placed, time }; // the form allows no other
  const weekdays = weekdaysOf(text.split(','), NAMES);
  return weekdays && { frequency: 'weekly', every: '1', weekdays, time };
};

/** Every how many: 1 of `*`, 5 of a step of 5. */
const stepOf = (text: string): string | undefined =>
  text === '*' ? '1' : /^\*\/([1-9]\d?)$/.exec(text)?.[1];

const MONTH_DAY = /^(?:[1-9]|[12]\d|3[01]|L)$/;

const ofCron = (text: string): Found | undefined => {
  const [minute = '', hour = '', day = '', month, weekday = '', ...rest] = text.trim().split(/\s+/);
  if (month !== '*' || rest.length > 0) return undefined;
  const isEveryDay = day === '*' && weekday === '*';
  const [minutes, hours] = [stepOf(minute), stepOf(hour)];
  if (minutes !== undefined && hour === '*' && isEveryDay)
    return { frequency: 'minutes', every: minutes };
  if (!isBelow(minute, 60)) return undefined;
  if (hours !== undefined && isEveryDay)
    return { frequency: 'hours', every: hours, time: `00:${two(minute)}` };
  if (!isBelow(hour, 24)) return undefined;
  const time = `${two(hour)}:${two(minute)}`;
  if (isEveryDay) return { frequency: 'daily', every: '1', time };
  if (weekday === '*')
    return MONTH_DAY.test(day) ? { frequency: 'monthly', monthDay: day, time } : undefined;
  return day === '*' ? ofWeekdays(weekday, time) : undefined;
};

const UNITS = { M: 'minutes', H: 'hours', D: 'daily' } as const;

const ofInterval = (text: string): Found | undefined => {
  const form = /^R\/(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::00)?\/(?:PT(\d+)([MH])|P(\d+)D)$/;
  const [, from, time, elapsed, unit = 'D', days] = form.exec(text.trim()) ?? [];
  const every = elapsed ?? days;
  if (from === undefined || time === undefined || every === undefined) return undefined;
  return { frequency: UNITS[unit as keyof typeof UNITS], every, from, time }; // the form allows no other
};

const ofCalendarRule = (text: string): Found | undefined => {
  const form =
    /^DTSTART:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)00\s+RRULE:FREQ=WEEKLY;INTERVAL=(\d+);BYDAY=([A-Z,]+)$/;
  const [, year, month, date, hour, minute, every, days] = form.exec(text.trim()) ?? [];
  const weekdays = days === undefined ? undefined : weekdaysOf(days.split(','), RRULE_NAMES);
  if (every === undefined || weekdays === undefined) return undefined;
  const [from, time] = [`${year}-${month}-${date}`, `${hour}:${minute}`];
  return { frequency: 'weekly', every, weekdays, from, time };
};

/**
 * A rule that there is, as choices; undefined where those cannot say it.
 *
 * @param others  what it does not tell
 */
export const repeatsOf = (timing: Timing, others: Repeats): Repeats | undefined => {
  const { cron, every, rrule } = timing;
  const found = ofCron(cron ?? '') ?? ofInterval(every ?? '') ?? ofCalendarRule(rrule ?? '');
  if (!found) return undefined;
  const repeats = { ...others, ...found };
  // what would be written in another way would be another rule: an interval that begins at a time of its own as cron
  return Object.keys(writtenOf(repeats)).every((kind) => kind in timing) ? repeats : undefined;
};
