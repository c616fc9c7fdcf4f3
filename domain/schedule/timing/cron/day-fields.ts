import { flaw, isFlaw, quoted, type Flaw } from '../problem';
import { FIELD_KINDS, readItem, readNumber } from './field';

/** The day-of-month field. */
export type MonthDays = {
  /** It begins with `*` or is `?`: on its own it restricts nothing (crontab(5)), so it never means OR. */
  readonly isStarred: boolean;
  /** Bit `d - 1` for day `d`. */
  readonly days: number;
  /** Days before the last one: 0 for `L`, 3 for `L-3`. */
  readonly beforeLast: readonly number[];
  /** `15W`: the Monday to Friday nearest to that day, in the same month. */
  readonly nearest: readonly number[];
  /** `LW`: the last Monday to Friday. */
  readonly hasLastWorkday: boolean;
};

/** The day-of-week field; 0 is Sunday. */
export type Weekdays = {
  readonly isStarred: boolean;
  /** Bit `w` for weekday `w`. */
  readonly weekdays: number;
  /** `5#2`: the second Friday. */
  readonly nth: readonly { readonly weekday: number; readonly n: number }[];
  /** `5L`: the last Friday; bit `w` for weekday `w`. */
  readonly last: number;
};

const isStarredText = (text: string): boolean => text.startsWith('*') || text === '?';

const bits = (values: readonly number[], shift = 0): number =>
  values.reduce((set, value) => set | (1 << (value - shift)), 0);

const MOST_BEFORE_LAST = 30;

export const readMonthDays = (text: string): MonthDays | Flaw => {
  const kind = FIELD_KINDS.day;
  let [days, hasLastWorkday] = [0, false];
  const [beforeLast, nearest]: [number[], number[]] = [[], []];
  for (const item of text === '?' ? ['*'] : text.toUpperCase().split(',')) {
    const [, back] = /^L(?:-(\d{1,2}))?$/.exec(item) ?? [];
    const [, near] = /^(\d+)W$/.exec(item) ?? [];
    if (item === 'L') beforeLast.push(0);
    else if (item === 'LW') hasLastWorkday = true;
    else if (back !== undefined) {
      if (Number(back) > MOST_BEFORE_LAST)
        return flaw(`${kind.name}: ${quoted(item)} is before every month; L-30 is the most`);
      beforeLast.push(Number(back));
    } else if (near !== undefined) {
      const day = readNumber(kind, near);
      if (isFlaw(day)) return day;
      nearest.push(day);
    } else {
      const values = readItem(kind, item);
      if (isFlaw(values)) return values;
      days |= bits(values, 1);
    }
  }
  return { isStarred: isStarredText(text), days, beforeLast, nearest, hasLastWorkday };
};

const MOST_WEEKS = 5;

export const readWeekdays = (text: string): Weekdays | Flaw => {
  const kind = FIELD_KINDS.weekday;
  let [weekdays, last] = [0, 0];
  const nth: { weekday: number; n: number }[] = [];
  for (const item of text === '?' ? ['*'] : text.toUpperCase().split(',')) {
    const [, nthDay, n] = /^(\w+)#(\d+)$/.exec(item) ?? [];
    const [, lastDay] = /^(\d|[A-Z]{3})L$/.exec(item) ?? [];
    if (item === 'L')
      return flaw(
        `${kind.name}: a bare L does not say which weekday is meant; write 5L for the last Friday`,
      );
    const special = nthDay ?? lastDay;
    if (special === undefined) {
      const values = readItem(kind, item);
      if (isFlaw(values)) return values;
      weekdays |= bits(values.map((value) => value % 7)); // after stepping: 1-7/2 holds Sunday
      continue;
    }
    const weekday = readNumber(kind, special);
    if (isFlaw(weekday)) return weekday;
    if (n === undefined) last |= 1 << (weekday % 7);
    else if (Number(n) < 1 || Number(n) > MOST_WEEKS)
      return flaw(`${kind.name}: a month has a 1st to 5th of each weekday, not ${quoted(`#${n}`)}`);
    else nth.push({ weekday: weekday % 7, n: Number(n) });
  }
  return { isStarred: isStarredText(text), weekdays, nth, last };
};
