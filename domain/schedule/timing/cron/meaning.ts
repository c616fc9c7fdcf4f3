import type { MonthEndPolicy } from '../definition';
import type { MonthDays, Weekdays } from './day-fields';
import { isEither } from './days';
import { FIELD_KINDS, type FieldKind } from './field';
import type { CronFields } from './read';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const PLACES = ['first', 'second', 'third', 'fourth', 'fifth'];

/** Places of the bits that are set. */
const bitsOf = (bits: number, size: number): readonly number[] =>
  Array.from({ length: size }, (_, i) => i).filter((i) => (bits >>> i) & 1);

/** `1 to 5, 9`. */
const numbersText = (values: readonly number[]): string => {
  const runs: [number, number][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run?.[1] === value - 1) run[1] = value;
    else runs.push([value, value]);
  }
  return runs
    .map(([first, last]) =>
      first === last ? `${first}` : `${first}${last === first + 1 ? ', ' : ' to '}${last}`,
    )
    .join(', ');
};

const daysText = ({ days, beforeLast, nearest, hasLastWorkday }: MonthDays): string =>
  [
    ...(days === 0 ? [] : [`day ${numbersText(bitsOf(days, 31).map((i) => i + 1))} of the month`]),
    ...beforeLast.map((back) =>
      back === 0 ? 'the last day of the month' : `${back} days before the last day of the month`,
    ),
    ...nearest.map((day) => `the Monday to Friday nearest to day ${day} in the same month`),
    ...(hasLastWorkday ? ['the last Monday to Friday of the month'] : []),
  ].join(', ');

const weekdaysText = ({ weekdays, nth, last }: Weekdays): string =>
  [
    ...bitsOf(weekdays, 7).map((weekday) => `${WEEKDAYS[weekday]}`),
    ...nth.map(({ weekday, n }) => `the ${PLACES[n - 1]} ${WEEKDAYS[weekday]} of the month`),
    ...bitsOf(last, 7).map((weekday) => `the last ${WEEKDAYS[weekday]} of the month`),
  ].join(', ');

const ALL_DAYS = 2 ** 31 - 1;
const ALL_WEEKDAYS = 2 ** 7 - 1;

const dayMeaning = ({ monthDays, weekdays }: CronFields): string => {
  const [isAnyDay, isAnyWeekday] = [
    monthDays.isStarred && monthDays.days === ALL_DAYS,
    weekdays.isStarred && weekdays.weekdays === ALL_WEEKDAYS,
  ];
  if (isAnyDay && isAnyWeekday) return 'Every day.';
  if (isAnyWeekday) return `On ${daysText(monthDays)}.`;
  if (isAnyDay) return `On ${weekdaysText(weekdays)}.`;
  return isEither(monthDays, weekdays)
    ? `On ${daysText(monthDays)}, and also on ${weekdaysText(weekdays)}: where both day fields name days, a day of either counts.`
    : `On ${daysText(monthDays)}, but only if it is ${weekdaysText(weekdays)}: a day field that begins with * restricts the other one.`;
};

/** A step that does not divide its field starts again with the field, and so is no interval. */
const stepMeaning = ({ name, min, max }: FieldKind, text: string, unit: string): string[] => {
  const step = Number(/^\*\/(\d+)$/.exec(text)?.[1] ?? 1);
  const size = max - min + 1;
  if (size % step === 0) return [];
  const values = numbersText(Array.from({ length: Math.ceil(size / step) }, (_, i) => i * step));
  return [
    `At ${name} ${values}, and then again from ${min} on; for an interval of ${step} ${name}s use \`every\` with PT${step}${unit}.`,
  ];
};

/** The longest day that every month has. */
const SHORTEST_MONTH = 28;

const monthEndMeaning = ({ monthDays }: CronFields, monthEnd: MonthEndPolicy): string[] => {
  const late = [
    ...(monthDays.isStarred ? [] : bitsOf(monthDays.days, 31).map((i) => i + 1)),
    ...monthDays.nearest,
  ].filter((day) => day > SHORTEST_MONTH);
  if (late.length === 0) return [];
  const days = numbersText([...new Set(late)].toSorted((a, b) => a - b));
  return monthEnd === 'skip'
    ? [`A month without day ${days} has no occurrence for it; monthEnd "last" takes its last day.`]
    : [`In a month without day ${days} its last day is taken.`];
};

/** What the text says about days, where people differ about it, in sentences. */
export const cronMeaning = (fields: CronFields, monthEnd: MonthEndPolicy): readonly string[] => [
  dayMeaning(fields),
  ...stepMeaning(FIELD_KINDS.minute, fields.text.minute, 'M'),
  ...stepMeaning(FIELD_KINDS.hour, fields.text.hour, 'H'),
  ...monthEndMeaning(fields, monthEnd),
];
