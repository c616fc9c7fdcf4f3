import type { Instant } from '../time';

/** Whether a stored value is of the kind that its field claims to be. */
export type FieldCheck = (value: unknown) => boolean;

/** A check for every field of an event's data. */
export type Fields<Data> = { readonly [Field in keyof Data]-?: FieldCheck };

const DAY = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
/** A log is in the order of time: most timestamps are of the day of the one before. */
let lastDay = { text: '', startMs: Number.NaN };

const dayStart = (text: string): number => {
  if (text !== lastDay.text)
    lastDay = { text, startMs: DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN };
  return lastDay.startMs;
};

/** The number of some digits of a text; NaN when they are none. */
const digitsAt = (text: string, from: number, end: number): number => {
  let number = 0;
  for (let i = from; i < end; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
};

/** Exactly as events write it; NaN for anything else, which `Date.parse` would guess at, and twice as slowly. */
export const exactInstant = (text: unknown): Instant => {
  if (typeof text !== 'string' || text.length !== 24) return Number.NaN;
  const isMarked =
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === '.' &&
    text[23] === 'Z';
  const hour = digitsAt(text, 11, 13);
  const minute = digitsAt(text, 14, 16);
  const second = digitsAt(text, 17, 19);
  if (!isMarked || hour > 23 || minute > 59 || second > 59) return Number.NaN;
  return (
    dayStart(text.slice(0, 10)) +
    ((hour * 60 + minute) * 60 + second) * 1_000 +
    digitsAt(text, 20, 23)
  );
};

/** For anybody's JSON, and for what only people read. */
export const anything: FieldCheck = () => true;
export const isText: FieldCheck = (value) => typeof value === 'string';
/** What is true or left out. */
export const isTrue: FieldCheck = (value) => value === true;
export const isCount: FieldCheck = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
export const isPositive: FieldCheck = (value) => Number.isSafeInteger(value) && Number(value) >= 1;
export const isTime: FieldCheck = (value) => !Number.isNaN(exactInstant(value));
export const isTexts: FieldCheck = (value) => Array.isArray(value) && value.every(isText);
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const optional =
  (is: FieldCheck): FieldCheck =>
  (value) =>
    value === undefined || is(value);
