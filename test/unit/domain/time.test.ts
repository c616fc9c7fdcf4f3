import { parseTimestamp, toTimestamp } from '../../../domain/time';

test.each`
  text                                 | answer                        | why
  ${'2026-11-23T10:00:00Z'}            | ${'2026-11-23T10:00:00.000Z'} | ${'plain UTC'}
  ${'2026-11-23T10:00:00.5Z'}          | ${'2026-11-23T10:00:00.500Z'} | ${'a fraction'}
  ${'2026-11-23T10:00:00.123456789Z'}  | ${'2026-11-23T10:00:00.123Z'} | ${'nanoseconds are cut'}
  ${'2026-11-23T10:00:00+05:45'}       | ${'2026-11-23T04:15:00.000Z'} | ${'Kathmandu'}
  ${'2026-11-23T10:00:00+14:00'}       | ${'2026-11-22T20:00:00.000Z'} | ${'the far east'}
  ${'2026-11-23T10:00:00-03:30'}       | ${'2026-11-23T13:30:00.000Z'} | ${'west of Greenwich'}
  ${'2028-02-29T00:00:00Z'}            | ${'2028-02-29T00:00:00.000Z'} | ${'a leap day'}
  ${'2027-02-29T00:00:00Z'}            | ${'bad-timestamp'}            | ${'no leap year'}
  ${'2026-02-30T00:00:00Z'}            | ${'bad-timestamp'}            | ${'Date would make it 2 March'}
  ${'2026-13-01T00:00:00Z'}            | ${'bad-timestamp'}            | ${'month 13'}
  ${'2026-11-23T25:00:00Z'}            | ${'bad-timestamp'}            | ${'hour 25'}
  ${'2026-11-23T24:00:00Z'}            | ${'bad-timestamp'}            | ${'Date would make it the next day'}
  ${'2026-12-31T23:59:60Z'}            | ${'bad-timestamp'}            | ${'leap seconds are not supported'}
  ${'2026-03-29T02:30:00'}             | ${'offset-required'}          | ${'local time is a guess'}
  ${'20260101T000000Z'}                | ${'bad-timestamp'}            | ${'basic format'}
  ${'2026-W01-1T00:00:00Z'}            | ${'bad-timestamp'}            | ${'week date'}
  ${'Jan 1 2027'}                      | ${'bad-timestamp'}            | ${'Date would take it'}
  ${'0'}                               | ${'bad-timestamp'}            | ${'Date would make it the year 2000'}
  ${'2026-00-10T00:00:00Z'}            | ${'bad-timestamp'}            | ${'month 0'}
  ${'2026-12-31T23:59:59Z'}            | ${'2026-12-31T23:59:59.000Z'} | ${'the last of everything'}
  ${'2026-01-01T00:00:00Z'}            | ${'2026-01-01T00:00:00.000Z'} | ${'the first of everything'}
  ${'2026-01-00T00:00:00Z'}            | ${'bad-timestamp'}            | ${'day 0'}
  ${'2026-04-31T00:00:00Z'}            | ${'bad-timestamp'}            | ${'April has 30 days'}
  ${'2026-01-31T00:00:00z'}            | ${'2026-01-31T00:00:00.000Z'} | ${'a small z'}
  ${'2026-01-31t00:00:00Z'}            | ${'2026-01-31T00:00:00.000Z'} | ${'a small t'}
  ${'2026-11-23T10:60:00Z'}            | ${'bad-timestamp'}            | ${'minute 60'}
  ${'2026-11-23T10:00:00+23:59'}       | ${'2026-11-22T10:01:00.000Z'} | ${'the largest offset'}
  ${'2026-11-23T10:00:00+24:00'}       | ${'bad-timestamp'}            | ${'an offset of a day'}
  ${'2026-11-23T10:00:00+01:60'}       | ${'bad-timestamp'}            | ${'an offset of 60 minutes'}
  ${'2026-11-23T10:00:00.05Z'}         | ${'2026-11-23T10:00:00.050Z'} | ${'hundredths'}
  ${'2026-11-23T10:00:00.Z'}           | ${'bad-timestamp'}            | ${'a point and no fraction'}
  ${'2026-11-23T10:00:00.1234567890Z'} | ${'bad-timestamp'}            | ${'ten digits'}
  ${'x2026-11-23T10:00:00Z'}           | ${'bad-timestamp'}            | ${'something before it'}
  ${'2026-11-23T10:00:00Zx'}           | ${'bad-timestamp'}            | ${'something behind it'}
  ${'0099-12-31T00:00:00Z'}            | ${'bad-timestamp'}            | ${'Date would make it 1999'}
  ${'0100-01-01T00:00:00Z'}            | ${'0100-01-01T00:00:00.000Z'} | ${'the first year that Date reads as it is'}
  ${'9999-12-31T23:59:59.999Z'}        | ${'9999-12-31T23:59:59.999Z'} | ${'the last instant that can be written'}
  ${'9999-12-31T23:59:59-00:01'}       | ${'bad-timestamp'}            | ${'the year 10000, elsewhere'}
  ${'2026-11-23 10:00:00Z'}            | ${'bad-timestamp'}            | ${'a space for the T'}
  ${'2026-11-23T10:00:00+25:00'}       | ${'bad-timestamp'}            | ${'no such offset'}
  ${'0001-01-01T00:00:00Z'}            | ${'bad-timestamp'}            | ${'Date would make it 1901'}
`('$text is $answer: $why', ({ text, answer }: { text: string; answer: string }) => {
  const parsed = parseTimestamp(text);
  expect('at' in parsed ? toTimestamp(parsed.at) : parsed.problem).toBe(answer);
});
