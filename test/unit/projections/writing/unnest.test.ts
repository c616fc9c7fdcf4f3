import { containing } from '../../../../projections/queries/narrow';
import { plainArray, textArray } from '../../../../projections/writing/unnest';

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
