/** JSON from outside that must be refused, left out or survived wherever it comes in: `value` is one value of a document. */
export type HostileValue = {
  readonly value: string;
  readonly why: string;
  /** What the gate finds; undefined when the text around it is no JSON at all. */
  readonly flaw: string | undefined;
};

const nested = (levels: number, open = '[', close = ']'): string =>
  open.repeat(levels) + close.repeat(levels);

export const hostileValues: readonly HostileValue[] = [
  { value: nested(4_200), why: '4,200 levels, which no writer of JSON survives', flaw: 'too-deep' },
  { value: nested(4_040), why: '4,040 levels', flaw: 'too-deep' },
  {
    value: nested(50_000, '{"a":', '}').replace('{"a":}', '1'),
    why: 'deep objects',
    flaw: 'too-deep',
  },
  { value: nested(40), why: '40 levels', flaw: 'too-deep' },
  { value: '{"id":12345678901234567890}', why: 'a number of 20 digits', flaw: 'out-of-range' },
  { value: '1e999', why: 'a number that no float holds', flaw: 'out-of-range' },
  { value: '-0', why: 'a sign that is lost', flaw: 'out-of-range' },
  { value: '{"a":1,"a":2}', why: 'a key twice', flaw: 'duplicate-key' },
  { value: '"\\u0000"', why: 'NUL, which Postgres cannot keep', flaw: 'invalid-unicode' },
  { value: '"\\ud800"', why: 'half a surrogate pair', flaw: 'invalid-unicode' },
  { value: '['.repeat(4_200), why: 'levels that nobody closes', flaw: undefined },
  { value: '"', why: 'half a text', flaw: undefined },
  { value: 'NaN', why: 'no JSON', flaw: undefined },
];

/** Bytes that are no text at all. */
export const hostileBytes: readonly Uint8Array[] = [
  Buffer.from([0x22, 0xff, 0x22]),
  Buffer.from('{}', 'utf16le'),
  Buffer.alloc(0),
];
