import type { Schedule } from '../http/answers';
import { wallClock } from '../time/format';

export type Timing = Schedule['timing'];

export const FREQUENCIES = [
  { value: 'minutes', label: 'by the minute' },
  { value: 'hours', label: 'by the hour' },
  { value: 'daily', label: 'by the day' },
  { value: 'weekly', label: 'on days of the week' },
  { value: 'monthly', label: 'on a day of the month' },
  { value: 'nth', label: 'on a weekday of the month' },
] as const;
export type Frequency = (typeof FREQUENCIES)[number]['value'];

/** What is told of so many of, where a frequency can leave some out. */
export const UNITS: Readonly<Partial<Record<Frequency, string>>> = {
  minutes: 'minutes',
  hours: 'hours',
  daily: 'days',
  weekly: 'weeks',
};

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** From 1, Monday, to 7. */
export type Weekday = number;

/** Which one of a month; a month without a fifth has no run. */
export const PLACES = [
  { value: '1', label: 'first' },
  { value: '2', label: 'second' },
  { value: '3', label: 'third' },
  { value: '4', label: 'fourth' },
  { value: '5', label: 'fifth' },
  { value: 'L', label: 'last' },
] as const;
export type Place = (typeof PLACES)[number]['value'];

/** A rule put together from choices, for those who do not write cron. What its frequency does not ask for rests. */
export type Repeats = {
  readonly frequency: Frequency;
  /** As it is written in its field: every how many minutes, hours, days or weeks. */
  readonly every: string;
  /** `02:30`; by the hour only its minute counts. */
  readonly time: string;
  /** `2026-11-30`: where it is counted from when it leaves some out. */
  readonly from: string;
  /** In their order, at least one. */
  readonly weekdays: readonly Weekday[];
  /** `1` to `31`, or `L` for the last one. */
  readonly monthDay: string;
  readonly place: Place;
  readonly placed: Weekday;
};

/** 1 where the field has no number. */
export const everyOf = ({ every }: Repeats): number => Math.max(1, Math.floor(Number(every)) || 1);

const WITHIN: Readonly<Partial<Record<Frequency, number>>> = { minutes: 60, hours: 24 };

/** Whether it is counted from a first time on: an hour, a day or a week has no whole number of its steps. */
export const isCounted = (rule: Repeats): boolean => {
  const within = WITHIN[rule.frequency];
  const every = everyOf(rule);
  if (within !== undefined) return every >= within || within % every !== 0;
  return UNITS[rule.frequency] !== undefined && every > 1;
};

/** Whether its time of day can be another one, and all else stays. */
export const hasTimeOfDay = (rule: Repeats): boolean =>
  rule.frequency !== 'minutes' && !(rule.frequency === 'hours' && isCounted(rule));

const WORKDAYS = '1,2,3,4,5';
const RRULE_DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

const weekdayField = (weekdays: readonly Weekday[]): string => {
  const list = weekdays.join();
  return list === WORKDAYS ? '1-5' : list;
};

const countedOf = (rule: Repeats): Timing => {
  const { frequency, time, from, weekdays } = rule;
  const every = everyOf(rule);
  if (frequency === 'weekly') {
    const days = weekdays.map((day) => RRULE_DAYS[day - 1]).join();
    const start = `${from.replaceAll('-', '')}T${time.replace(':', '')}00`;
    return { rrule: `DTSTART:${start}\nRRULE:FREQ=WEEKLY;INTERVAL=${every};BYDAY=${days}` };
  }
  const length = { minutes: `PT${every}M`, hours: `PT${every}H`, daily: `P${every}D` };
  const step = length[frequency as keyof typeof length]; // of no other are some left out
  return { every: `R/${from}T${time}:00/${step}` };
};

/** As it is sent: cron where cron can say it, else an interval or a rule of the calendar. */
export const writtenOf = (rule: Repeats): Timing => {
  if (isCounted(rule)) return countedOf(rule);
  const [hour = 0, minute = 0] = rule.time.split(':').map(Number);
  const every = everyOf(rule);
  const step = every === 1 ? '*' : `*/${every}`;
  switch (rule.frequency) {
    case 'minutes':
      return { cron: `${step} * * * *` };
    case 'hours':
      return { cron: `${minute} ${step} * * *` };
    case 'daily':
      return { cron: `${minute} ${hour} * * *` };
    case 'weekly':
      return { cron: `${minute} ${hour} * * ${weekdayField(rule.weekdays)}` };
    case 'monthly':
      return { cron: `${minute} ${hour} ${rule.monthDay} * *` };
    case 'nth': {
      const place = rule.place === 'L' ? 'L' : `#${rule.place}`;
      return { cron: `${minute} ${hour} * * ${rule.placed}${place}` };
    }
  }
};

const list = new Intl.ListFormat('en', { type: 'conjunction' });

const nameOf = (day: Weekday): string => WEEKDAYS[day - 1] ?? '';

const daysText = (weekdays: readonly Weekday[]): string => {
  if (weekdays.join() === WORKDAYS) return 'weekday';
  return weekdays.length === 7 ? 'day' : list.format(weekdays.map(nameOf));
};

/** `Every 3 days`, `Every hour` */
const everyText = (every: number, units: string): string =>
  every === 1 ? `Every ${units.slice(0, -1)}` : `Every ${every} ${units}`;

/** The rule as a sentence. */
export const sentenceOf = (rule: Repeats): string => {
  const { frequency, weekdays, monthDay, place, placed } = rule;
  const every = everyOf(rule);
  const at = wallClock(rule.time);
  const minute = Number(rule.time.slice(3));
  const from = isCounted(rule) ? `, from ${rule.from}` : '';
  switch (frequency) {
    case 'minutes':
      return `${everyText(every, 'minutes')}${from && `${from} ${at}`}`;
    case 'hours':
      if (from !== '') return `${everyText(every, 'hours')}${from} ${at}`;
      return `${everyText(every, 'hours')}${minute === 0 ? '' : ` at minute ${minute}`}`;
    case 'daily':
      return `${everyText(every, 'days')} at ${at}${from}`;
    case 'weekly':
      return every === 1
        ? `Every ${daysText(weekdays)} at ${at}`
        : `${everyText(every, 'weeks')} on ${list.format(weekdays.map(nameOf))} at ${at}${from}`;
    case 'monthly':
      return `On ${monthDay === 'L' ? 'the last day' : `day ${monthDay}`} of every month at ${at}`;
    case 'nth': {
      const which = PLACES.find(({ value }) => value === place)?.label ?? '';
      const month = place === '5' ? 'month that has one' : 'month';
      return `On the ${which} ${nameOf(placed)} of every ${month} at ${at}`;
    }
  }
};
