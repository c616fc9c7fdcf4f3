import { keptRules } from '../../../../domain/audit/kept-rules';
import { scheduleLayout } from '../../../../domain/audit/schedule-layout';
import { traceTable } from '../../../../domain/audit/trace-table';
import type { Rule } from '../../../../domain/schedule/definition';
import type { ScheduleTrace } from '../../../../domain/schedule/event-kinds/kind';

const hourly = (): Rule => ({ timing: { cron: '0 * * * *' }, timeZone: 'UTC' });
const daily: Rule = { timing: { cron: '0 0 * * *' }, timeZone: 'UTC' };

test('equal rules have one number, for as long as anybody has them', () => {
  const rules = keptRules();
  const number = rules.take(hourly());
  expect(rules.take(hourly())).toBe(number);
  expect(rules.take(daily)).not.toBe(number);
  rules.drop(number);
  expect(rules.at(number)).toEqual(hourly());
  rules.drop(number);
  expect(rules.at(number)).toBeUndefined();
});

test('a number that nobody has any more is given again: rules that were changed take no room', () => {
  const rules = keptRules();
  const number = rules.take(hourly());
  rules.drop(number);
  expect(rules.take(daily)).toBe(number);
  expect(rules.at(number)).toBe(daily);
  rules.drop(-1); // of a schedule that has none
  rules.drop(7);
  expect(rules.take(hourly())).not.toBe(number);
});

const traceOf = (n: number, is: boolean): ScheduleTrace => ({
  ...{ revision: n, position: n + 1, lastType: 'ScheduleResumed', status: 'stopped' },
  ...{ isHeadless: is, isUncertain: !is, hasHole: is, mayOverlap: !is },
  ...{ decidedUntil: n + 2, cameUntil: n + 9, offsetMs: n + 3, createdAt: n + 4, ruleSince: n + 5 },
  ...{ definition: n + 6, rule: n + 7, tzdata: n + 8, planned: n + 9, plannedDigest: n + 10 },
});

test.each([true, false])(
  'the trace of a schedule comes back as it was put in, field by field',
  (is) => {
    const table = traceTable(scheduleLayout);
    const rows = [table.add('a'), table.add('b')];
    rows.forEach((row, n) => table.save(row, traceOf(n * 100, is)));
    for (const [n, row] of rows.entries()) {
      const read = scheduleLayout.empty();
      table.load(row, read);
      expect(read).toStrictEqual(traceOf(n * 100, is));
    }
  },
);

test('an empty trace comes back empty', () => {
  const table = traceTable(scheduleLayout);
  const row = table.add('a');
  table.save(row, scheduleLayout.empty());
  const read = traceOf(1, true);
  table.load(row, read);
  expect(read).toStrictEqual(scheduleLayout.empty());
});
