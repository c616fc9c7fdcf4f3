import fc from 'fast-check';
import { newestOf, next, rangeOf } from '../../../../../domain/schedule/timing/answers/next';
import type { CompiledTiming } from '../../../../../domain/schedule/timing/compile';
import type { Zone } from '../../../../../domain/schedule/timing/calendar/zone';
import type { ClockChange, MonthEndPolicy } from '../../../../../domain/schedule/timing/definition';
import { pinnedZones } from '../../../../../infra/tzdata/pinned';
import { isLong } from '../../../../support/rounds';
import { at, compileRule } from '../../../../support/timing';
import { walkedInstants } from '../../../../support/walked-clock';

/** A field's text with the numbers it means. */
type Field = { readonly text: string; readonly has: (value: number) => boolean };

const field = (min: number, max: number): fc.Arbitrary<Field> => {
  const number = fc.integer({ min, max });
  const step = fc.integer({ min: 1, max: Math.min(30, max - min + 1) });
  const one = number.map((n) => ({ text: `${n}`, has: (v: number) => v === n }));
  const range = fc
    .tuple(number, number)
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
    .map(([a, b]) => ({ text: `${a}-${b}`, has: (v: number) => v >= a && v <= b }));
  const stepped = fc.tuple(fc.option(fc.tuple(number, number)), step).map(([ends, every]) => {
    const [a, b] = ends ? [Math.min(...ends), Math.max(...ends)] : [min, max];
    const base = ends ? `${a}-${b}` : '*';
    const has = (v: number) => v >= a && v <= b && (v - a) % every === 0;
    return { text: `${base}/${every}`, has };
  });
  const any = fc.constant({ text: '*', has: () => true });
  const list = fc.array(fc.oneof(one, range), { minLength: 1, maxLength: 3 }).map((parts) => ({
    text: parts.map(({ text }) => text).join(','),
    has: (v: number) => parts.some((part) => part.has(v)),
  }));
  return fc.oneof(any, one, list, stepped);
};

/** A day field: of a date it says whether it holds, by its text alone. */
type DayField = {
  readonly text: string;
  readonly holds: (wall: Date, monthEnd: MonthEndPolicy) => boolean;
};

const lengthOfMonth = (wall: Date): number =>
  new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();

const weekdayOn = (wall: Date, day: number): number =>
  new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), day)).getUTCDay();

/** The Monday to Friday of the month that is nearest to a day, found by looking outwards. */
const nearest = (wall: Date, day: number): number => {
  const isWorkday = (d: number): boolean =>
    d >= 1 && d <= lengthOfMonth(wall) && ![0, 6].includes(weekdayOn(wall, d));
  const [found] = [0, -1, 1, -2, 2].map((by) => day + by).filter(isWorkday);
  return found ?? Number.NaN;
};

const dayField: fc.Arbitrary<DayField> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ text: '*', holds: () => true }) },
  {
    weight: 4,
    arbitrary: field(1, 31).map(({ text, has }) => ({
      text,
      holds: (wall: Date, monthEnd: MonthEndPolicy) => {
        const [day, length] = [wall.getUTCDate(), lengthOfMonth(wall)];
        const beyond = [29, 30, 31].filter((late) => late > length && has(late));
        return has(day) || (monthEnd === 'last' && day === length && beyond.length > 0);
      },
    })),
  },
  fc.integer({ min: 0, max: 30 }).map((back) => ({
    text: back === 0 ? 'L' : `L-${back}`,
    holds: (wall: Date) => wall.getUTCDate() === lengthOfMonth(wall) - back,
  })),
  fc.constant({
    text: 'LW',
    holds: (wall: Date) => wall.getUTCDate() === nearest(wall, lengthOfMonth(wall)),
  }),
  fc.integer({ min: 1, max: 31 }).map((day) => ({
    text: `${day}W`,
    holds: (wall: Date, monthEnd: MonthEndPolicy) => {
      const length = lengthOfMonth(wall);
      if (day > length && monthEnd === 'skip') return false;
      return wall.getUTCDate() === nearest(wall, Math.min(day, length));
    },
  })),
);

const weekdayField: fc.Arbitrary<DayField> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ text: '*', holds: () => true }) },
  {
    weight: 4,
    arbitrary: field(0, 6).map(({ text, has }) => ({
      text,
      holds: (wall: Date) => has(wall.getUTCDay()),
    })),
  },
  fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 5 })).map(([weekday, n]) => ({
    text: `${weekday}#${n}`,
    holds: (wall: Date) => wall.getUTCDay() === weekday && Math.ceil(wall.getUTCDate() / 7) === n,
  })),
  fc.integer({ min: 0, max: 7 }).map((weekday) => ({
    text: `${weekday}L`,
    holds: (wall: Date) =>
      wall.getUTCDay() === weekday % 7 && wall.getUTCDate() + 7 > lengthOfMonth(wall),
  })),
);

type RandomRule = { readonly text: string; readonly isDue: (wall: Date) => boolean };

const rule = (monthEnd: MonthEndPolicy): fc.Arbitrary<RandomRule> =>
  fc
    .tuple(field(0, 59), field(0, 23), dayField, field(1, 12), weekdayField)
    .map(([minute, hour, day, month, weekday]) => {
      const isEither = !day.text.startsWith('*') && !weekday.text.startsWith('*');
      const isDue = (wall: Date): boolean => {
        if (!minute.has(wall.getUTCMinutes()) || !hour.has(wall.getUTCHours())) return false;
        if (!month.has(wall.getUTCMonth() + 1)) return false;
        const [byDay, byWeekday] = [day.holds(wall, monthEnd), weekday.holds(wall, monthEnd)];
        return isEither ? byDay || byWeekday : byDay && byWeekday;
      };
      const text = [minute, hour, day, month, weekday].map((each) => each.text).join(' ');
      return { text, isDue };
    });

/** Zones whose clocks have done something that others have not, each with an instant near which it was. */
const places: readonly (readonly [zone: string, near: string])[] = [
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00:00Z'],
  ['Antarctica/Troll', '2026-03-29T01:00:00Z'],
  ['Antarctica/Troll', '2026-10-25T01:00:00Z'],
  ['Europe/Dublin', '2026-03-29T01:00:00Z'],
  ['Europe/Dublin', '2026-10-25T01:00:00Z'],
  ['Africa/Cairo', '2026-04-23T22:00:00Z'],
  ['Africa/Cairo', '2026-10-29T21:00:00Z'],
  ['America/Sao_Paulo', '2018-11-04T03:00:00Z'],
  ['America/Sao_Paulo', '2018-02-18T02:00:00Z'],
  ['America/Santiago', '2026-04-05T03:00:00Z'],
  ['America/Santiago', '2026-09-06T04:00:00Z'],
  ['Asia/Pyongyang', '2018-05-04T15:00:00Z'],
  ['Asia/Pyongyang', '2015-08-14T15:00:00Z'],
  ['Africa/Casablanca', '2026-02-15T02:00:00Z'],
  ['Africa/Casablanca', '2026-03-22T02:00:00Z'],
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/Havana', '2026-03-08T05:00:00Z'],
  ['America/St_Johns', '2006-10-29T02:31:00Z'],
  ['Asia/Kathmandu', '1985-12-31T18:30:00Z'],
  ['Pacific/Kwajalein', '1993-08-20T12:00:00Z'],
  ['America/Vancouver', '2026-03-08T10:00:00Z'],
  ['UTC', '2024-02-29T00:00:00Z'],
];

const zoneOf = (name: string): Zone => {
  const zone = pinnedZones.zone(name);
  if (!zone) throw new Error(`no zone ${name}`);
  return zone;
};

const HOUR = 3_600;
const DAY = 86_400;

const policies = {
  gap: fc.constantFrom('shift', 'gap-end', 'skip'),
  overlap: fc.constantFrom('first', 'second', 'both'),
} as const;

/** All that the compiled rule answers about a window, against the instants that were walked to. */
const agrees = (
  timing: CompiledTiming,
  walked: readonly number[],
  from: number,
  to: number,
): void => {
  const found: number[] = [];
  const window = { after: from * 1_000 - 1, until: to * 1_000 - 1 };
  for (let after: number | undefined = window.after; ;) {
    after = next(timing, after);
    if (after === undefined || after > window.until) break;
    found.push(after / 1_000);
  }
  expect(found).toEqual(walked);
  expect(rangeOf(timing, window).count).toBe(walked.length);
  expect(newestOf(timing, window, 7)).toEqual(walked.slice(-7).map((second) => second * 1_000));
};

jest.setTimeout(isLong ? 900_000 : 60_000);

test('minute by minute, a walked clock agrees with every rule, policy and change of clocks', () => {
  const round = fc
    .record({
      place: fc.constantFrom(...places),
      monthEnd: fc.constantFrom<MonthEndPolicy>('skip', 'last'),
      ...policies,
      /** Where the window begins: before, in, or after the change of clocks. */
      beginHours: fc.integer({ min: -40, max: 3 }),
      beginSeconds: fc.integer({ min: 0, max: HOUR }),
      hours: fc.integer({ min: 1, max: 30 }),
    })
    .chain((more) => rule(more.monthEnd).map((its) => ({ ...more, ...its })));
  fc.assert(
    fc.property(
      round,
      ({ place: [zone, near], text, isDue, gap, overlap, monthEnd, ...window }) => {
        const clockChange: ClockChange = { gap, overlap };
        const outcome = compileRule(text, { zone, clockChange, monthEnd });
        if (outcome.outcome === 'refused') {
          expect(outcome.code).toBe('timing-never-fires');
          return;
        }
        const from = at(near) / 1_000 + window.beginHours * HOUR + window.beginSeconds;
        const to = from + window.hours * HOUR;
        agrees(
          outcome.timing,
          walkedInstants(zoneOf(zone), clockChange, isDue, from, to),
          from,
          to,
        );
      },
    ),
    { numRuns: isLong ? 20_000 : 150, seed: 16 },
  );
});

test('day by day over two years, the calendar agrees with every rule that falls due at a fixed time', () => {
  const round = fc.constantFrom<MonthEndPolicy>('skip', 'last').chain((monthEnd) =>
    fc.record({
      monthEnd: fc.constant(monthEnd),
      parts: fc.tuple(dayField, field(1, 12), weekdayField),
      startDay: fc.integer({ min: -10_000, max: 60_000 }),
    }),
  );
  fc.assert(
    fc.property(round, ({ monthEnd, parts: [day, month, weekday], startDay }) => {
      const text = `30 9 ${day.text} ${month.text} ${weekday.text}`;
      const outcome = compileRule(text, { monthEnd });
      const isEither = !day.text.startsWith('*') && !weekday.text.startsWith('*');
      const walked: number[] = [];
      for (let d = startDay; d < startDay + 730; d += 1) {
        const wall = new Date(d * DAY * 1_000);
        const [byDay, byWeekday] = [day.holds(wall, monthEnd), weekday.holds(wall, monthEnd)];
        if (
          month.has(wall.getUTCMonth() + 1) &&
          (isEither ? byDay || byWeekday : byDay && byWeekday)
        )
          walked.push(d * DAY + 9 * HOUR + 30 * 60);
      }
      if (outcome.outcome === 'refused') expect(walked).toEqual([]);
      else agrees(outcome.timing, walked, startDay * DAY, (startDay + 730) * DAY);
    }),
    { numRuns: isLong ? 10_000 : 60, seed: 17 },
  );
});
