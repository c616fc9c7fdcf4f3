import { factsAsOf, parseAsOf, type AsOf } from '../../../../domain/audit/as-of';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const at = (time: string): AsOf => ({ kind: 'time', at: Date.parse(time) });

test.each`
  text                           | read                                                        | why
  ${'2026-11-23T11:00:00Z'}      | ${{ asOf: at('2026-11-23T11:00:00Z') }}                     | ${'a time'}
  ${'2026-11-23T13:00:00+02:00'} | ${{ asOf: at('2026-11-23T11:00:00Z') }}                     | ${'a time elsewhere'}
  ${'2026-11-23T12:00:05Z'}      | ${{ asOf: at('2026-11-23T12:00:05Z') }}                     | ${'clocks differ a little'}
  ${'2026-11-23T12:00:05.001Z'}  | ${{ problem: 'as-of-in-future' }}                           | ${'nobody knows the future'}
  ${'2026-11-23T11:00:00'}       | ${{ problem: 'offset-required' }}                           | ${'nobody says where'}
  ${'yesterday'}                 | ${{ problem: 'bad-timestamp' }}                             | ${'no time'}
  ${''}                          | ${{ problem: 'bad-timestamp' }}                             | ${'nothing'}
  ${'0'}                         | ${{ asOf: { kind: 'position', position: 0n } }}             | ${'the first place of the log'}
  ${'9223372036854775807'}       | ${{ asOf: { kind: 'position', position: 2n ** 63n - 1n } }} | ${'the last place of any log'}
  ${'9223372036854775808'}       | ${{ problem: 'bad-position' }}                              | ${'beyond all places'}
  ${'99999999999999999999999'}   | ${{ problem: 'bad-position' }}                              | ${'far beyond'}
  ${'-1'}                        | ${{ problem: 'bad-timestamp' }}                             | ${'neither time nor place'}
`('$text: $why', ({ text, read }: { text: string; read: unknown }) => {
  expect(parseAsOf(text, NOW)).toEqual(read);
});

describe('the facts of a stream as it stood then', () => {
  const facts = [
    { at: 10, position: 100n },
    { at: 30, position: 200n },
    { at: 20, position: 300n },
    { at: 40, position: 400n },
  ];
  const kept = (asOf: AsOf) => factsAsOf(facts, asOf).length;

  test.each`
    time  | count | why
    ${9}  | ${0}  | ${'nothing had happened'}
    ${10} | ${1}  | ${'the moment itself belongs to it'}
    ${29} | ${1}  | ${'a later fact with an earlier time does not come without the one before it'}
    ${30} | ${3}  | ${'the later fact of a slower clock had happened too'}
    ${40} | ${4}  | ${'everything'}
  `('at $time there were $count: $why', ({ time, count }: { time: number; count: number }) => {
    expect(kept({ kind: 'time', at: time })).toBe(count);
  });

  test.each`
    position | count
    ${99n}   | ${0}
    ${100n}  | ${1}
    ${399n}  | ${3}
    ${400n}  | ${4}
  `(
    'at position $position there were $count',
    ({ position, count }: { position: bigint; count: number }) => {
      expect(kept({ kind: 'position', position })).toBe(count);
    },
  );
});
