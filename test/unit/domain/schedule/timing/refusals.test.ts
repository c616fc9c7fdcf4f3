import type { TimingText } from '../../../../../domain/schedule/timing/definition';
import { compileRule, type Wanted } from '../../../../support/timing';

const cpuOf = (work: () => unknown): number => {
  const before = process.cpuUsage().user;
  work();
  return process.cpuUsage().user - before;
};

/** Arithmetic of the kind that timing is made of, which Jest's sandbox makes many times slower. */
const millionSteps = (): number => {
  let value = 1;
  for (let i = 0; i < 1e6; i += 1) value = Math.floor((value * 31 + i) / 7) % 1_000_003;
  return value;
};

const refusalOf = (rule: string | TimingText, wanted: Wanted = {}) => {
  const outcome = compileRule(rule, wanted);
  return outcome.outcome === 'refused' ? outcome : undefined;
};

test('all mistakes are told at once, each with its place', () => {
  expect(
    refusalOf('60 24 * * *', {
      exclude: ['2026-12-25', '2026-02-30', '25.12.2026'],
      startAt: 2_000,
      endAt: 1_000,
      maxCount: 0,
    }),
  ).toEqual({
    outcome: 'refused',
    code: 'timing-invalid',
    problems: [
      { pointer: '/timing/cron', reason: 'minute: 60 is outside 0 to 59' },
      { pointer: '/timing/cron', reason: 'hour: 24 is outside 0 to 23' },
      { pointer: '/exclude/1', reason: '"2026-02-30" is not a day such as 2026-12-25' },
      { pointer: '/exclude/2', reason: '"25.12.2026" is not a day such as 2026-12-25' },
      { pointer: '/endAt', reason: 'it is before startAt' },
      { pointer: '/maxCount', reason: 'it is not a whole number from 1 to 1000000000' },
    ],
  });
});

test.each(['Mars/Base', '../../etc/passwd', 'europe/berlin', '+02:00', '', '__proto__'])(
  'the zone %p is none, and is told so before the rule is read',
  (zone) => {
    expect(refusalOf('0 9 * * *', { zone })).toMatchObject({
      code: 'timing-invalid',
      problems: [{ pointer: '/timeZone' }],
    });
  },
);

test.each`
  rule                                                                                    | why
  ${''}                                                                                   | ${'no field at all'}
  ${'@reboot'}                                                                            | ${'there is no boot'}
  ${'@every 5m'}                                                                          | ${'an interval is written in another way'}
  ${'0 0 * * 5#6'}                                                                        | ${'no month has six Fridays'}
  ${'0 0 * * MON#2-FRI'}                                                                  | ${'a range of numbered days'}
  ${'0 0 L-31 * *'}                                                                       | ${'before every month'}
  ${'0 0 0W * *'}                                                                         | ${'day 0'}
  ${'0 0 1-15W * *'}                                                                      | ${'W stands by one day'}
  ${'H H * * *'}                                                                          | ${'a hash is made by spreadMs'}
  ${'0 0 1 13 *'}                                                                         | ${'month 13'}
  ${'0 0 * JANUARY *'}                                                                    | ${'a full name'}
  ${'1.5 * * * *'}                                                                        | ${'a fraction'}
  ${'*/61 * * * *'}                                                                       | ${'a step beyond the field'}
  ${'1/2/3 * * * *'}                                                                      | ${'two steps'}
  ${'0 0 ? ? ?'}                                                                          | ${'? stands for days only'}
  ${'R/2026-01-01T00:00:00Z/P1D'}                                                         | ${'the anchor is a wall time'}
  ${'R/2026-02-30T00:00:00/P1D'}                                                          | ${'no such day'}
  ${'R/2026-01-01/P1D'}                                                                   | ${'no time'}
  ${'R/2026-01-01T00:00:00/-P1D'}                                                         | ${'a sign'}
  ${'R/2026-01-01T00:00:00/P401Y'}                                                        | ${'longer than the calendar takes to repeat'}
  ${'R/2026-01-01T00:00:00/PT99999999999999999999H'}                                      | ${'longer than there is time'}
  ${'R/2026-01-01T00:00:00'}                                                              | ${'no duration'}
  ${'RRULE:FREQ=DAILY'}                                                                   | ${'no DTSTART'}
  ${'DTSTART:20260101T090000\nRRULE:INTERVAL=2'}                                          | ${'no FREQ'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;FREQ=DAILY'}                               | ${'a part twice'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY\nRRULE:FREQ=DAILY'}                        | ${'two rules'}
  ${'DTSTART:20260101T090000\nEXRULE:FREQ=DAILY'}                                         | ${'a line that RFC 5545 has dropped'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;INTERVAL=0'}                               | ${'no step'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;COUNT=0'}                                  | ${'none'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z'}           | ${'two ends'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;BYDAY=2MO'}                                | ${'a day has no second Monday'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=MONTHLY;BYDAY=6MO'}                              | ${'a month has no sixth Monday'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=YEARLY;BYDAY=54MO'}                              | ${'a year has no 54th Monday'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=YEARLY;BYWEEKNO=54'}                             | ${'nor a week 54'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=MONTHLY;BYWEEKNO=1'}                             | ${'weeks are numbered in years'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=WEEKLY;BYMONTHDAY=1'}                            | ${'a week has no month days'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=MONTHLY;BYMONTHDAY=0'}                           | ${'places begin at 1'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY;BYSETPOS=1'}                               | ${'nothing to choose from'}
  ${'DTSTART:20260101T090000\nRRULE:RSCALE=HEBREW;FREQ=YEARLY'}                           | ${'another calendar'}
  ${'DTSTART;TZID=Europe/Paris:20260101T090000\nRRULE:FREQ=DAILY'}                        | ${'another zone'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY\nRDATE;VALUE=PERIOD:20260101T090000/PT1H'} | ${'periods'}
  ${'DTSTART:20260101T090000\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260105'}              | ${'a day is no time'}
`('$rule is invalid: $why', ({ rule }) => {
  const refused = refusalOf(rule as string, { zone: 'Europe/Berlin' });
  expect(refused?.code).toBe('timing-invalid');
  expect(refused?.problems[0]?.reason).toMatch(/^.{10,250}$/);
});

test('reasons repeat no more of a text than a line holds', () => {
  const refused = refusalOf(`${'9'.repeat(900)} * * * *`);
  expect(refused?.problems[0]?.reason.length).toBeLessThan(150);
});

describe('a text that was made to cost much costs little', () => {
  const start = 'DTSTART:20260101T090000\nRRULE:';
  const years = `BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=${Array.from({ length: 80 }, (_, i) => -i - 1).join(',')}`;

  test.each(
    [
      '0 0 30 2 *',
      `${start}FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30`,
      `${start}FREQ=SECONDLY;INTERVAL=2;BYSECOND=1`,
      `${start}FREQ=SECONDLY;INTERVAL=7201;BYSECOND=1;BYMINUTE=0;BYHOUR=0;BYDAY=MO;BYMONTHDAY=1;BYMONTH=2,3;BYYEARDAY=1`,
      `${start}FREQ=YEARLY;BYWEEKNO=53;BYMONTH=6`,
      `${start}FREQ=YEARLY;BYDAY=MO;BYSETPOS=366`,
      `${start}FREQ=DAILY;INTERVAL=7;BYDAY=MO`,
      `${start}FREQ=SECONDLY;INTERVAL=1000000000;BYSECOND=1`,
      `${start}FREQ=SECONDLY;INTERVAL=7;COUNT=1000000000`,
      `${start}FREQ=YEARLY;${years};COUNT=1000000000`,
      `${start}FREQ=YEARLY;UNTIL=20250101T000000Z`,
      `${start}FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nEXDATE:${Array.from({ length: 1_000 }, (_, i) => `2${1_000 + (i % 1_000)}0101T090000`.slice(0, 15)).join(',')}`,
      `${'0,'.repeat(40_000)}0 * * * *`,
      `${start}FREQ=DAILY;BYHOUR=${'1,'.repeat(100_000)}1`,
      `${start}${';'.repeat(30_000)}`,
      '\n '.repeat(15_000),
      'R/2026-01-01T00:00:00/P1DT1S',
      'R/1900-02-28T00:00:00/P399Y',
    ].map((rule) => [rule.slice(0, 80), rule] as const),
  )('%s', (_name, rule) => {
    const cost = cpuOf(() => compileRule(rule, { maxCount: 1_000_000_000 }));
    // a ratio, for the machine may be slow or shared
    expect(cost / cpuOf(millionSteps)).toBeLessThan(60);
  });
});
