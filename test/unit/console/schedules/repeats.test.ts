import { repeatsOf } from '../../../../console/schedules/read-repeats';
import {
  sentenceOf,
  writtenOf,
  type Repeats,
  type Timing,
} from '../../../../console/schedules/repeats';
import { asKind, newRule, ruleFormOf, timingOf } from '../../../../console/schedules/rule-form';
import type { TimingText } from '../../../../domain/schedule/timing/definition';
import { compileRule } from '../../../support/timing';

const NOW = Date.UTC(2026, 10, 30, 12);
const usual: Repeats = { ...newRule('UTC', NOW).repeats, time: '08:05', from: '2026-12-07' };

const shapes: readonly (readonly [what: string, rule: Partial<Repeats>, written: Timing])[] = [
  ['every minute', { frequency: 'minutes' }, { cron: '* * * * *' }],
  ['minutes that divide an hour', { frequency: 'minutes', every: '20' }, { cron: '*/20 * * * *' }],
  [
    'minutes that do not',
    { frequency: 'minutes', every: '45' },
    { every: 'R/2026-12-07T08:05:00/PT45M' },
  ],
  ['every hour', { frequency: 'hours', time: '00:05' }, { cron: '5 * * * *' }],
  [
    'hours that divide a day',
    { frequency: 'hours', every: '6', time: '00:05' },
    { cron: '5 */6 * * *' },
  ],
  [
    'hours that do not',
    { frequency: 'hours', every: '5' },
    { every: 'R/2026-12-07T08:05:00/PT5H' },
  ],
  ['every day', { frequency: 'daily' }, { cron: '5 8 * * *' }],
  ['every third day', { frequency: 'daily', every: '3' }, { every: 'R/2026-12-07T08:05:00/P3D' }],
  ['Monday to Friday', { frequency: 'weekly' }, { cron: '5 8 * * 1-5' }],
  ['some weekdays', { frequency: 'weekly', weekdays: [1, 4, 7] }, { cron: '5 8 * * 1,4,7' }],
  [
    'weekdays of every second week',
    { frequency: 'weekly', every: '2', weekdays: [1, 4] },
    { rrule: 'DTSTART:20261207T080500\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH' },
  ],
  ['a day of the month', { frequency: 'monthly', monthDay: '15' }, { cron: '5 8 15 * *' }],
  ['the last day of the month', { frequency: 'monthly', monthDay: 'L' }, { cron: '5 8 L * *' }],
  ['the second Friday', { frequency: 'nth', place: '2', placed: 5 }, { cron: '5 8 * * 5#2' }],
  ['the last Sunday', { frequency: 'nth', place: 'L', placed: 7 }, { cron: '5 8 * * 7L' }],
];

test.each(shapes)('%s is written so that it comes back as the same choices', (_, part, written) => {
  const rule = { ...usual, ...part };
  expect(writtenOf(rule)).toEqual(written);
  expect(repeatsOf(written, usual)).toEqual(rule);
});

test.each(shapes)('%s is a rule that the domain takes', (_, part) => {
  const timing = writtenOf({ ...usual, ...part }) as TimingText; // one of the three
  expect(compileRule(timing)).toMatchObject({ outcome: 'compiled' });
});

test.each([
  [{ cron: '5 8 * * MON,THU' }, [1, 4]],
  [{ cron: '5 8 * * 0' }, [7]],
  [{ cron: '5 8 * * fri-sun' }, [5, 6, 7]],
])('weekdays of %j are ticked, whatever way they are written in', (timing, weekdays) => {
  expect(repeatsOf(timing, usual)).toMatchObject({ frequency: 'weekly', weekdays });
});

test.each([
  { cron: '0 9 * 1 *' },
  { cron: '0 0 9 * * *' },
  { cron: '0 9 1 * 5' },
  { cron: '0 9,17 * * *' },
  { cron: '5-10 * * * *' },
  { cron: '*,5 * * * *' },
  { cron: '*/45 * * * *' },
  { cron: '0 9 LW * *' },
  { cron: '0 9 * * 5#2,3' },
  { cron: '@daily' },
  { every: 'R/2026-01-01T00:00:00/PT30M' },
  { every: 'R/2026-01-01T00:00:00/P1D' },
  { every: 'R/2026-01-01T00:00:30/P2D' },
  { every: 'R/2026-01-01T00:00:00/P1M' },
  { rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=MO' },
  { rrule: 'DTSTART:20260105T083000\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;COUNT=3' },
])('%j stays a text: choices would make another rule of it', (timing) => {
  expect(repeatsOf(timing, usual)).toBeUndefined();
});

test('what was not changed is sent as it was written, for another text would take back what is planned', () => {
  const timing = { cron: '5 8 * * MON-FRI' };
  const form = ruleFormOf({ timing, timeZone: 'UTC' }, NOW);
  expect(form.kind).toBe('repeats');
  expect(timingOf(form)).toEqual(timing);
  const later = { ...form, repeats: { ...form.repeats, time: '09:05' } };
  expect(timingOf(later)).toEqual({ cron: '5 9 * * 1-5' });
});

test('choices go on as text, and the text as choices', () => {
  const form = { ...newRule('UTC', NOW), repeats: { ...usual, weekdays: [2] } };
  const asText = asKind(form, 'cron');
  expect(timingOf(asText)).toEqual({ cron: '5 8 * * 2' });
  const again = asKind({ ...asText, cron: '5 8 * * 3' }, 'repeats');
  expect(again.repeats.weekdays).toEqual([3]);
});

test('the sentence names what was chosen', () => {
  const told = (part: Partial<Repeats>): string => sentenceOf({ ...usual, ...part });
  expect(told({ weekdays: [1, 4] })).toMatch(/^Every Monday and Thursday at 0?8:05/);
  expect(told({ every: '2', weekdays: [1] })).toMatch(
    /^Every 2 weeks on Monday at 0?8:05.*, from 2026-12-07$/,
  );
  expect(told({ frequency: 'nth', place: 'L', placed: 5 })).toMatch(
    /^On the last Friday of every month at /,
  );
  expect(told({ frequency: 'monthly', monthDay: 'L' })).toMatch(/^On the last day of every month/);
});
