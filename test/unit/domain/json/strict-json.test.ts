import fc from 'fast-check';
import { isLosslessNumber } from '../../../../domain/json/lossless-number';
import { parseStrictJson, type JsonShape } from '../../../../domain/json/strict-json';
import { propertyRuns } from '../../../support/rounds';

const shape: JsonShape = { freeKeys: { payloadLevel: 1 }, maxLevels: 32 };

const RUNS = { numRuns: propertyRuns(500), seed: 20261123 };

test('whatever JSON.stringify writes is read back as it was, with nothing found', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 20, noUnicodeString: false }), (text) => {
      const value: unknown = JSON.parse(text);
      const written = JSON.stringify({ payload: value });
      fc.pre(!/\\ud[89a-f]|\\u0000|-0(?![.\d])/i.test(written));
      expect(parseStrictJson(written, shape)).toEqual({ value: { payload: value }, findings: [] });
    }),
    RUNS,
  );
});

test('never throws, and accepts nothing that JSON.parse refuses', () => {
  const noise = fc.array(
    fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', '1', '-', 'e', '.', 'a', ' ', '\\u00'),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(noise, (parts) => {
      const text = parts.join('');
      const isJson = ((): boolean => {
        try {
          JSON.parse(text);
          return true;
        } catch {
          return false;
        }
      })();
      const read = parseStrictJson(text, shape);
      if (!isJson) expect(read).toHaveProperty('problem');
      else expect(read).not.toEqual({ problem: 'invalid-json' });
    }),
    RUNS,
  );
});

test.each([
  ['{"a":{"b":[1,{"c":1,"c":2}]}}', '/a/b/1/c', 'duplicate-key'],
  ['{"a":"}],","a":1}', '/a', 'duplicate-key'],
  ['{"a\\"b":1,"a\\u0022b":2}', '/a"b', 'duplicate-key'],
  ['{"a":"\\\\","a":1}', '/a', 'duplicate-key'],
  ['{"x/y~z":-0}', '/x~1y~0z', 'out-of-range'],
  ['[0,[1e999]]', '/1/0', 'out-of-range'],
  ['{"payload":1,"after":{"__proto__":1}}', '/after/__proto__', 'forbidden-key'],
  ['{"after":{"payload":{"__proto__":1}}}', '/after/payload/__proto__', 'forbidden-key'],
])('%s: found at %s', (text, pointer, code) => {
  expect(parseStrictJson(text, shape)).toMatchObject({ findings: [{ pointer, code }] });
});

test('keys that repeat in different objects do not repeat', () => {
  expect(parseStrictJson('[{"a":1},{"a":2},{"b":{"a":3},"a":4}]', shape)).toMatchObject({
    findings: [],
  });
});

test('what is too deep is found, and read as nothing, so that no parser meets it', () => {
  const deep = '['.repeat(100_000) + '"]"' + ']'.repeat(100_000);
  const text = `{"a":[${deep},1],"b":{"c":${deep}},"d":2}`;
  expect(parseStrictJson(text, { freeKeys: 'everywhere', maxLevels: 2 })).toEqual({
    value: { a: [null, 1], b: { c: null }, d: 2 },
    findings: [
      { pointer: '/a/0', code: 'too-deep' },
      { pointer: '/b/c', code: 'too-deep' },
    ],
  });
});

test('findings at one place do not crowd out those at others', () => {
  const text = `{"a":[${Array(5_000).fill('-0').join(',')}],"b":[1e999]}`;
  const read = parseStrictJson(`[${text}]`, shape);
  expect(read).toMatchObject({ value: expect.anything() as unknown });
  expect('findings' in read && read.findings.at(-1)).toEqual({
    pointer: '/0/b/0',
    code: 'out-of-range',
  });
});

test('where keys are free, one may have the name of an inherited one, and still not come twice', () => {
  const text = '{"__proto__":{"toString":1},"a":1,"a":2}';
  expect(parseStrictJson(text, { ...shape, freeKeys: 'everywhere' })).toMatchObject({
    findings: [{ pointer: '/a', code: 'duplicate-key' }],
  });
});

test('a document full of findings is refused as a whole, so that none goes unseen', () => {
  const text = `[${Array(2_000).fill('-0').join(',')}]`;
  expect(parseStrictJson(text, shape)).toEqual({ problem: 'out-of-range' });
});

test.each`
  token                       | isExact  | why
  ${'0'}                      | ${true}  | ${'zero'}
  ${'-0'}                     | ${false} | ${'the sign is lost'}
  ${'-0.0'}                   | ${false} | ${'the sign is lost'}
  ${'0e10'}                   | ${true}  | ${'zero, however written'}
  ${'0.1'}                    | ${true}  | ${'comes back as it was'}
  ${'1.50'}                   | ${true}  | ${'a trailing zero says nothing'}
  ${'9007199254740991'}       | ${true}  | ${'the largest safe integer'}
  ${'9007199254740993'}       | ${false} | ${'becomes ...992'}
  ${'100000000000000000000'}  | ${true}  | ${'one digit and a power of ten'}
  ${'1E20'}                   | ${true}  | ${'the same'}
  ${'123456789012345678'}     | ${false} | ${'18 digits'}
  ${'1e308'}                  | ${true}  | ${'fits'}
  ${'1e309'}                  | ${false} | ${'overflows'}
  ${'1e-400'}                 | ${false} | ${'becomes zero'}
  ${'5e-324'}                 | ${true}  | ${'the smallest there is'}
  ${'0.30000000000000004'}    | ${true}  | ${'17 digits that a float has'}
  ${'3.14159265358979323846'} | ${false} | ${'more digits than a float keeps'}
`('$token: $why', ({ token, isExact }: { readonly token: string; readonly isExact: boolean }) => {
  expect(isLosslessNumber(token)).toBe(isExact);
});

test('every double as JavaScript writes it is exact', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      fc.pre(!Object.is(value, -0));
      expect(isLosslessNumber(String(value))).toBe(true);
    }),
    RUNS,
  );
});
