import { calendarsBy, type Timetables } from '../../../../domain/schedule/calendars';
import type { Rule } from '../../../../domain/schedule/definition';
import { keptCalendars } from '../../../../infra/tzdata/kept-calendars';
import { pinnedZones } from '../../../../infra/tzdata/pinned';

const daily: Rule = { timing: { cron: '0 9 * * *' }, timeZone: 'Europe/Berlin' };

/** Calendars that keep rules of so many characters, and how many were compiled. */
const bench = (maxCharacters: number) => {
  let made = 0;
  const counted: Timetables = {
    of: (...asked) => {
      made += 1;
      return calendarsBy(pinnedZones).of(...asked);
    },
  };
  return { calendars: keptCalendars(counted, maxCharacters), made: () => made };
};

test('a rule is compiled once for all schedules that have it, and for each that counts from a time of its own', () => {
  const { calendars, made } = bench(100_000);
  const first = calendars.of(daily, 0);
  expect(calendars.of({ ...daily }, 1_000)).toBe(first);
  expect(made()).toBe(1);
  const counted = { ...daily, maxCount: 3 };
  const [one, other] = [calendars.of(counted, 0), calendars.of(counted, Date.UTC(2027, 0, 1))];
  expect(made()).toBe(3);
  expect('calendar' in one && one.calendar.next(Date.UTC(2027, 0, 1))).toBeUndefined();
  expect('calendar' in other && other.calendar.next(Date.UTC(2027, 0, 1))).toBe(
    Date.UTC(2027, 0, 1, 8),
  );
});

test('what cannot be computed is remembered too', () => {
  const { calendars, made } = bench(100_000);
  const never: Rule = { ...daily, timing: { cron: '0 0 30 2 *' } };
  expect(calendars.of(never, 0)).toHaveProperty('problem');
  calendars.of(never, 0);
  expect(made()).toBe(1);
});

test('a long rule takes the room of many, so that memory is bounded whatever users write', () => {
  const { calendars, made } = bench(20_000);
  const exclude = Array.from({ length: 900 }, (_, day) =>
    new Date(Date.UTC(2027, 0, 1 + day)).toISOString().slice(0, 10),
  );
  for (let since = 0; since < 10; since += 1) calendars.of({ ...daily, maxCount: 1 }, since);
  calendars.of({ ...daily, exclude }, 0);
  for (let since = 0; since < 10; since += 1) calendars.of({ ...daily, maxCount: 1 }, since);
  expect(made()).toBeGreaterThan(11);
});
