import { containing } from '../../../../projections/queries/narrow';
import {
  parameters,
  plain,
  plainArray,
  quotedText,
  textArray,
  unnest,
} from '../../../../projections/writing/unnest';

const cases: readonly (readonly [(string | null | undefined)[], string, string])[] = [
  [['a', 'b'], '{"a","b"}', 'every text is quoted'],
  [['a,b', '{}', ' x '], '{"a,b","{}"," x "}', 'separators inside quotes are text'],
  [['"', '\\'], '{"\\"","\\\\"}', 'quotes and backslashes are escaped'],
  [['NULL', null, undefined], '{"NULL",NULL,NULL}', 'the word NULL is a text, nothing is NULL'],
  [[], '{}', 'no rows'],
];
test.each(cases)('%j is %s: %s', (values, literal) => {
  expect(textArray(values)).toBe(literal);
});

test('numbers, booleans and nothing need no quotes', () => {
  expect(plainArray([1, 2n, true, null, undefined, 0, false])).toBe('{1,2,true,NULL,NULL,0,false}');
});

test('a part of a name is searched literally', () => {
  expect(containing('50%_\\')).toBe('%50\\%\\_\\\\%');
});

test('many rows are one row of parameters, a column each, in one order', () => {
  type Row = { readonly id: number; readonly name: string };
  const columns = [
    plain<Row>('id', 'bigint', ({ id }) => id),
    quotedText<Row>('name', 'text', ({ name }) => name),
  ];
  expect(unnest(columns).replaceAll(/\s+/g, ' ')).toBe(
    'unnest($1::bigint[], $2::text[]) as c(id, name)',
  );
  expect(
    parameters(columns, [
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
    ]),
  ).toEqual(['{1,2}', '{"a","b"}']);
});

test('a text with NUL is refused before the database refuses the whole batch for it', () => {
  expect(() => textArray(['a', 'b\0'])).toThrow(RangeError);
});
