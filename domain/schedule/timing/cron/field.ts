import { flaw, isFlaw, quoted, readAll, type Flaw } from '../problem';

/** What a field of a cron text takes. */
export type FieldKind = {
  /** As reasons call it. */
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Largest number that `*` stands for, where others are taken too: weekday 7 is Sunday as 0 is. */
  readonly starMax?: number;
  /** Names of the numbers from `min` on. */
  readonly names?: readonly string[];
};

export const FIELD_KINDS = {
  second: { name: 'second', min: 0, max: 59 },
  minute: { name: 'minute', min: 0, max: 59 },
  hour: { name: 'hour', min: 0, max: 23 },
  day: { name: 'day of month', min: 1, max: 31 },
  month: {
    ...{ name: 'month', min: 1, max: 12 },
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  weekday: {
    ...{ name: 'weekday', min: 0, max: 7, starMax: 6 },
    names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
  },
} as const satisfies Record<string, FieldKind>;

/** A whole number of a field, or its name. */
export const readNumber = (kind: FieldKind, text: string): number | Flaw => {
  const named = kind.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return kind.min + named;
  if (!/^\d{1,4}$/.test(text)) {
    const names = kind.names ? `, or one of ${kind.names.join(', ')}` : '';
    return flaw(
      `${kind.name}: ${quoted(text)} is not a number from ${kind.min} to ${kind.max}${names}`,
    );
  }
  const value = Number(text);
  return value >= kind.min && value <= kind.max
    ? value
    : flaw(`${kind.name}: ${value} is outside ${kind.min} to ${kind.max}`);
};

const numbers = (first: number, last: number, step: number): readonly number[] =>
  Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);

/** How to write a range that runs over the end of its field. */
const unrolled = ({ min, max, starMax = max }: FieldKind, first: number, last: number): string =>
  `${first === starMax ? first : `${first}-${starMax}`},${last === min ? min : `${min}-${last}`}`;

const readRange = (kind: FieldKind, text: string): readonly [number, number] | Flaw => {
  const { min, max, starMax = max } = kind;
  if (text === '*') return [min, starMax];
  const [firstText = '', lastText, ...rest] = text.split('-');
  if (rest.length > 0) return flaw(`${kind.name}: ${quoted(text)} is not a range such as 1-5`);
  const first = readNumber(kind, firstText);
  if (isFlaw(first)) return first;
  if (lastText === undefined) return [first, first];
  const isSundayAtTheEnd = kind.names?.[0] === 'SUN' && lastText.toUpperCase() === 'SUN';
  const last = isSundayAtTheEnd ? max : readNumber(kind, lastText);
  if (isFlaw(last)) return last;
  return first <= last
    ? [first, last]
    : flaw(`${kind.name}: ${quoted(text)} runs backwards; write ${unrolled(kind, first, last)}`);
};

/** One item of a list: `*`, a number, a range, each with a step where one is wanted. */
export const readItem = (kind: FieldKind, text: string): readonly number[] | Flaw => {
  if (text === '')
    return flaw(`${kind.name}: there is nothing between two commas, or no value at all`);
  const [base = '', stepText, ...rest] = text.split('/');
  if (rest.length > 0) return flaw(`${kind.name}: ${quoted(text)} has more than one step`);
  const range = readRange(kind, base);
  if (isFlaw(range)) return range;
  if (stepText === undefined) return numbers(range[0], range[1], 1);
  const { min, max, starMax = max } = kind;
  const size = starMax - min + 1;
  if (!/^\d{1,4}$/.test(stepText) || Number(stepText) < 1 || Number(stepText) > size)
    return flaw(`${kind.name}: a step is a number from 1 to ${size}, not ${quoted(stepText)}`);
  const hasEnd = base === '*' || base.includes('-');
  return numbers(range[0], hasEnd ? range[1] : starMax, Number(stepText));
};

/** A field that holds nothing but numbers. */
export const readNumbers = (kind: FieldKind, text: string): readonly number[] | Flaw => {
  const items = readAll(text.split(','), (item) => readItem(kind, item));
  return isFlaw(items) ? items : items.flat();
};
