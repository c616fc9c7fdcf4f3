import type { Schedule } from '../http/answers';

type Timing = Schedule['timing'];

export const FREQUENCIES = [
  { value: 'minutes', label: 'every few minutes' },
  { value: 'hourly', label: 'every hour' },
  { value: 'daily', label: 'every day' },
  { value: 'weekday', label: 'every weekday' },
  { value: 'weekly', label: 'every week' },
  { value: 'monthly', label: 'every month' },
] as const;
export type Frequency = (typeof FREQUENCIES)[number]['value'];

export const WEEKDAYS = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
] as const;

/** A rule put together from choices, for those who do not write cron. */
export type Repeats = {
  readonly frequency: Frequency;
  /** `02:30` */
  readonly time: string;
  readonly everyMinutes: string;
  /** From 1, Monday. */
  readonly weekday: string;
  /** `1` to `31`, or `L` for the last one. */
  readonly monthDay: string;
};

const timeOf = ({ time }: Repeats): readonly [hour: number, minute: number] => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return [hour, minute];
};

export const cronOf = (rule: Repeats): string => {
  const [hour, minute] = timeOf(rule);
  switch (rule.frequency) {
    case 'minutes':
      return rule.everyMinutes === '1' ? '* * * * *' : `*/${rule.everyMinutes} * * * *`;
    case 'hourly':
      return `${minute} * * * *`;
    case 'daily':
      return `${minute} ${hour} * * *`;
    case 'weekday':
      return `${minute} ${hour} * * 1-5`;
    case 'weekly':
      return `${minute} ${hour} * * ${rule.weekday}`;
    case 'monthly':
      return `${minute} ${hour} ${rule.monthDay} * *`;
  }
};

const monthDayText = (day: string): string => (day === 'L' ? 'last day' : `day ${day}`);

/** The rule as a sentence. */
export const sentenceOf = (rule: Repeats): string => {
  const [, minute] = timeOf(rule);
  switch (rule.frequency) {
    case 'minutes':
      return rule.everyMinutes === '1' ? 'Every minute' : `Every ${rule.everyMinutes} minutes`;
    case 'hourly':
      return minute === 0 ? 'Every hour' : `Every hour at minute ${minute}`;
    case 'daily':
      return `Every day at ${rule.time}`;
    case 'weekday':
      return `Every weekday at ${rule.time}`;
    case 'weekly':
      return `Every ${WEEKDAYS[Number(rule.weekday) - 1] ?? 'week'} at ${rule.time}`;
    case 'monthly':
      return `On the ${monthDayText(rule.monthDay)} of every month at ${rule.time}`;
  }
};

/** A rule as it is written. */
export const timingText = ({ cron, rrule, every }: Timing): string =>
  cron ?? every ?? (rrule ?? '').split('\n').at(-1) ?? '';
