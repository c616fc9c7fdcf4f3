import fc from 'fast-check';
import { newestOf, next, rangeOf } from '../../../../../domain/schedule/timing/answers/next';
import { isLong } from '../../../../support/rounds';
import { compileRule } from '../../../../support/timing';

const DAY_MS = 86_400_000;
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];
const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY', 'MINUTELY'] as const;

type Ordinal = { readonly n?: number | undefined; readonly weekday: number };

type RandomRule = {
  readonly freq: (typeof FREQUENCIES)[number];
  readonly interval: number;
  readonly start: number;
  readonly weekStart: number;
  readonly count?: number | undefined;
  readonly months?: readonly number[] | undefined;
  readonly monthDays?: readonly number[] | undefined;
  readonly yearDays?: readonly number[] | undefined;
  readonly weeks?: readonly number[] | undefined;
  readonly days?: readonly Ordinal[] | undefined;
  readonly hours?: readonly number[] | undefined;
  readonly minutes?: readonly number[] | undefined;
  readonly places?: readonly number[] | undefined;
};

/** Mostly not there: a rule with every part hardly ever falls due. */
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const some = (arbitrary: fc.Arbitrary<number>): fc.Arbitrary<readonly number[] | undefined> =>
  maybe(fc.array(arbitrary, { minLength: 1, maxLength: 4 }));
const place = (max: number): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 1, max }), fc.integer({ min: -max, max: -1 }));

const anyRule: fc.Arbitrary<RandomRule> = fc
  .record({
    freq: fc.constantFrom(...FREQUENCIES),
    interval: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
    start: fc.integer({ min: 0, max: 20_000 * 1_440 }).map((minute) => minute * 60_000),
    weekStart: fc.integer({ min: 0, max: 6 }),
    count: maybe(fc.integer({ min: 1, max: 200 })),
    months: some(fc.integer({ min: 1, max: 12 })),
    monthDays: some(place(31)),
    yearDays: some(place(366)),
    weeks: some(place(53)),
    days: maybe(
      fc.array(
        fc.record({
          n: fc.option(place(5), { nil: undefined }),
          weekday: fc.integer({ min: 0, max: 6 }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    ),
    hours: some(fc.integer({ min: 0, max: 23 })),
    minutes: some(fc.integer({ min: 0, max: 59 })),
    places: some(place(8)),
  })
  .map((rule): RandomRule => {
    // what RFC 5545 does not let stand together
    const { freq } = rule;
    const isLonger = freq === 'YEARLY' || freq === 'MONTHLY';
    const weeks = freq === 'YEARLY' ? rule.weeks : undefined;
    const hasOrdinals = isLonger && weeks === undefined;
    return {
      ...rule,
      weeks,
      yearDays: ['DAILY', 'WEEKLY', 'MONTHLY'].includes(freq) ? undefined : rule.yearDays,
      monthDays: freq === 'WEEKLY' ? undefined : rule.monthDays,
      days: rule.days?.map(({ n, weekday }) => ({ weekday, ...(hasOrdinals && { n }) })),
    };
  })
  .filter(({ places, ...rule }) => {
    const { months, monthDays, yearDays, weeks, days, hours, minutes } = rule;
    return !places || [months, monthDays, yearDays, weeks, days, hours, minutes].some(Boolean);
  });

const textOf = (rule: RandomRule): string => {
  const list = (name: string, values: readonly unknown[] | undefined): string =>
    values ? `;${name}=${values.join(',')}` : '';
  const stamp = new Date(rule.start).toISOString().replace(/[-:]|\.000Z/g, '');
  const days = rule.days?.map(({ n, weekday }) => `${n ?? ''}${WEEKDAYS[weekday]}`);
  return (
    `DTSTART:${stamp}\nRRULE:FREQ=${rule.freq};INTERVAL=${rule.interval}` +
    `;WKST=${WEEKDAYS[rule.weekStart]}${list('BYMONTH', rule.months)}` +
    list('BYMONTHDAY', rule.monthDays) +
    list('BYYEARDAY', rule.yearDays) +
    list('BYWEEKNO', rule.weeks) +
    list('BYDAY', days) +
    list('BYHOUR', rule.hours) +
    list('BYMINUTE', rule.minutes) +
    list('BYSETPOS', rule.places) +
    (rule.count === undefined ? '' : `;COUNT=${rule.count}`)
  );
};

const utc = (year: number, month: number, day: number): number => Date.UTC(year, month, day);

const isAt = (wanted: number, index: number, length: number): boolean =>
  wanted === index || wanted === index - length - 1;

const weekStartOf = (at: number, weekStart: number): number => {
  const back = (new Date(at).getUTCDay() - weekStart + 7) % 7;
  return Math.floor(at / DAY_MS) * DAY_MS - back * DAY_MS;
};

/** Week 1 is the one that 4 January lies in. */
const weekYearOf = (at: number, weekStart: number): number => {
  const start = weekStartOf(at, weekStart);
  const year = new Date(at).getUTCFullYear();
  const found = [year + 1, year, year - 1].find(
    (each) => weekStartOf(utc(each, 0, 4), weekStart) <= start,
  );
  return found ?? Number.NaN;
};

const isDayDue = (rule: RandomRule, at: number): boolean => {
  const [date, start] = [new Date(at), new Date(rule.start)];
  const [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  const { freq, weekStart } = rule;
  const monthLength = new Date(utc(year, month + 1, 0)).getUTCDate();
  const yearLength = (utc(year + 1, 0, 1) - utc(year, 0, 1)) / DAY_MS;
  const yearDay = (utc(year, month, day) - utc(year, 0, 1)) / DAY_MS + 1;
  const hasDays = rule.days ?? rule.monthDays ?? rule.yearDays;
  let { months, monthDays, days } = rule;
  if (!hasDays) {
    if (rule.weeks || freq === 'WEEKLY') days = [{ weekday: start.getUTCDay() }];
    else if (freq === 'YEARLY' || freq === 'MONTHLY') {
      monthDays = [start.getUTCDate()];
      if (freq === 'YEARLY') months ??= [start.getUTCMonth() + 1];
    }
  }
  if (months && !months.includes(month + 1)) return false;
  if (monthDays && !monthDays.some((wanted) => isAt(wanted, day, monthLength))) return false;
  if (rule.yearDays && !rule.yearDays.some((wanted) => isAt(wanted, yearDay, yearLength)))
    return false;
  if (rule.weeks) {
    const weekYear = weekYearOf(at, weekStart);
    const first = weekStartOf(utc(weekYear, 0, 4), weekStart);
    const total = (weekStartOf(utc(weekYear + 1, 0, 4), weekStart) - first) / (7 * DAY_MS);
    const week = (weekStartOf(at, weekStart) - first) / (7 * DAY_MS) + 1;
    if (!rule.weeks.some((wanted) => isAt(wanted, week, total))) return false;
  }
  const inMonth = freq === 'MONTHLY' || rule.months !== undefined;
  const [index, length] = inMonth ? [day, monthLength] : [yearDay, yearLength];
  return (
    days === undefined ||
    days.some(({ weekday, n }) => {
      if (weekday !== date.getUTCDay()) return false;
      if (n === undefined) return true;
      return n > 0 ? Math.ceil(index / 7) === n : Math.ceil((length - index + 1) / 7) === -n;
    })
  );
};

/** Number of the period that an instant lies in. */
const periodOf = ({ freq, weekStart, weeks }: RandomRule, at: number): number => {
  const date = new Date(at);
  if (freq === 'YEARLY') return weeks ? weekYearOf(at, weekStart) : date.getUTCFullYear();
  if (freq === 'MONTHLY') return date.getUTCFullYear() * 12 + date.getUTCMonth();
  if (freq === 'WEEKLY') return Math.round(weekStartOf(at, weekStart) / (7 * DAY_MS));
  return Math.floor(at / (freq === 'DAILY' ? DAY_MS : freq === 'HOURLY' ? 3_600_000 : 60_000));
};

const unique = (values: readonly number[]): readonly number[] =>
  [...new Set(values)].toSorted((a, b) => a - b);

const timesOf = (rule: RandomRule): readonly (readonly [number, number])[] => {
  const start = new Date(rule.start);
  const all = (size: number): readonly number[] => Array.from({ length: size }, (_, i) => i);
  const [isHourly, isMinutely] = [rule.freq === 'HOURLY', rule.freq === 'MINUTELY'];
  const hours = rule.hours ?? (isHourly || isMinutely ? all(24) : [start.getUTCHours()]);
  const minutes = rule.minutes ?? (isMinutely ? all(60) : [start.getUTCMinutes()]);
  return unique(hours).flatMap((hour) => unique(minutes).map((minute) => [hour, minute] as const));
};

/** Every recurrence before `end`, by going through all days, and choosing within each period by sorting. */
const enumerated = (rule: RandomRule, end: number): readonly number[] => {
  const times = timesOf(rule);
  const startPeriod = periodOf(rule, rule.start);
  const periods = new Map<number, number[]>();
  const isShort = rule.freq === 'HOURLY' || rule.freq === 'MINUTELY';
  const startDay = Math.floor(rule.start / DAY_MS) * DAY_MS;
  const firstDay = isShort ? startDay : utc(new Date(rule.start).getUTCFullYear(), 0, -10);
  for (let day = firstDay; day < end + 400 * DAY_MS; day += DAY_MS) {
    if (rule.freq !== 'YEARLY' && day > end + (isShort ? 1 : 40) * DAY_MS) break;
    if (!isDayDue(rule, day)) continue;
    for (const [hour, minute] of times) {
      const at = day + hour * 3_600_000 + minute * 60_000;
      const period = periodOf(rule, at);
      if ((((period - startPeriod) % rule.interval) + rule.interval) % rule.interval !== 0)
        continue;
      const inPeriod = periods.get(period);
      if (inPeriod) inPeriod.push(at);
      else periods.set(period, [at]);
    }
  }
  const { places } = rule;
  const chosen = [...periods.values()].flatMap((all) =>
    places ? all.filter((_, i) => places.some((wanted) => isAt(wanted, i + 1, all.length))) : all,
  );
  const sorted = unique(chosen.filter((at) => at >= rule.start));
  return sorted.slice(0, rule.count).filter((at) => at < end);
};

jest.setTimeout(isLong ? 900_000 : 60_000);

const numRuns = isLong ? 3_000 : 100;

test('a calendar that is gone through day by day agrees with every recurrence rule', () => {
  let fallingDue = 0;
  fc.assert(
    fc.property(anyRule, fc.integer({ min: 0, max: 700 }), (rule, lateDays) => {
      const text = textOf(rule);
      const isShort = rule.freq === 'HOURLY' || rule.freq === 'MINUTELY';
      const end = rule.start + (isShort ? 4 : 800) * DAY_MS;
      const all = enumerated(rule, end);
      const from = rule.start - DAY_MS + (isShort ? lateDays / 200 : lateDays) * DAY_MS;
      const walked = all.filter((at) => at > from);
      const outcome = compileRule(text, { from: new Date(0).toISOString() });
      if (outcome.outcome === 'refused') {
        expect([outcome.code, text]).toEqual(['timing-never-fires', text]);
        expect(all).toEqual([]);
        return;
      }
      const window = { after: from, until: end - 1_000 };
      const found: number[] = [];
      let after: number | undefined = from;
      while (found.length <= 500) {
        after = next(outcome.timing, after);
        if (after === undefined || after >= end) break;
        found.push(after);
      }
      expect({ text, found }).toEqual({ text, found: walked.slice(0, 501) });
      expect(rangeOf(outcome.timing, window).count).toBe(walked.length);
      expect(newestOf(outcome.timing, window, 5)).toEqual(walked.slice(-5));
      if (found.length > 0) fallingDue += 1;
    }),
    { numRuns, seed: 18 },
  );
  // rules that never fall due agree with anything
  expect(fallingDue).toBeGreaterThan(numRuns / 2);
});
