import fc from 'fast-check';
import { asciiTrailer, wrongExpectedVersion } from '../../../wire/call-error';
import { sequenceFrom, sequenceUpTo } from '../../../wire/positions';

test('a trailer is printable ASCII and decodes to the text, because HTTP/2 carries nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const value = asciiTrailer(name);
      expect(value).toMatch(/^[\x20-\x7e]*$/);
      expect(decodeURIComponent(value)).toBe(name);
    }),
  );
});

test.each`
  expected           | text    | why
  ${'no-stream'}     | ${'-1'} | ${'must parse as BigInt, or the client throws a SyntaxError'}
  ${'any'}           | ${'-2'} | ${'must parse as BigInt, or the client throws a SyntaxError'}
  ${'stream-exists'} | ${'-4'} | ${'must parse as BigInt, or the client throws a SyntaxError'}
  ${7}               | ${'7'}  | ${'an exact revision is itself'}
`('expected $expected is told as $text: $why', ({ expected, text }) => {
  const { trailers } = wrongExpectedVersion('s', expected as 'any', 3);
  expect(trailers['expected-version']).toBe(text);
  expect(trailers['actual-version']).toBe('3');
});

test('the actual version of a stream that does not exist is -1, in deletions as on the real server', () => {
  expect(wrongExpectedVersion('s', 0, -1).trailers['actual-version']).toBe('-1');
});

test('a foreign position between two of ours skips nothing and repeats nothing', () => {
  expect(sequenceUpTo('257')).toBe(2); // a subscription after 257 goes on with sequence 3, at 384
  expect(sequenceFrom('257')).toBe(3); // and so does a read from 257
  expect(sequenceFrom('256')).toBe(2);
  expect(sequenceUpTo('18446744073709551615')).toBeGreaterThan(2 ** 55);
});
