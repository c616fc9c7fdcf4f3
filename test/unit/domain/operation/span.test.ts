import fc from 'fast-check';
import { parseSpan, writeSpan } from '../../../../domain/operation/span';

test.each`
  text              | ms             | why
  ${'PT90M'}        | ${5_400_000}   | ${'more minutes than an hour has'}
  ${'P1D'}          | ${86_400_000}  | ${'a day is 24 hours of elapsed time'}
  ${'-PT30S'}       | ${-30_000}     | ${'earlier'}
  ${'+P1W'}         | ${604_800_000} | ${'weeks'}
  ${'P1DT2H3M4.5S'} | ${93_784_500}  | ${'all of it'}
  ${'PT0.001S'}     | ${1}           | ${'a millisecond'}
  ${'PT0S'}         | ${0}           | ${'nothing'}
`('$text is $ms ms: $why', ({ text, ms }: { text: string; ms: number }) => {
  expect(parseSpan(text)).toBe(ms);
});

test.each`
  text        | why
  ${'P'}      | ${'nothing in it'}
  ${'PT'}     | ${'nothing behind the T'}
  ${'P1DT'}   | ${'nothing behind the T'}
  ${'P1M'}    | ${'a month has no length'}
  ${'P1Y'}    | ${'a year neither'}
  ${'1h'}     | ${'not as ISO 8601 writes it'}
  ${'PT1.5H'} | ${'fractions of seconds only'}
  ${'PT-1H'}  | ${'the sign goes in front'}
  ${''}       | ${'no text'}
  ${'PT1H '}  | ${'a blank'}
`('$text is none: $why', ({ text }: { text: string }) => {
  expect(parseSpan(text)).toBeUndefined();
});

test('what is written is read as it was', () => {
  fc.assert(
    fc.property(fc.integer({ min: -31_622_400_000, max: 31_622_400_000 }), (ms) => {
      expect(parseSpan(writeSpan(ms))).toBe(ms);
    }),
  );
});
