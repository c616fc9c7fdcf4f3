import { filterFrom } from '../../../cli/flag-values';

test('a tag is looked for in normal form C, as it is kept: both spellings of é are one tag', () => {
  expect(filterFrom({ tag: 'caf\u00e9' })).toEqual({ tag: 'caf\u00e9' });
  expect(filterFrom({ tag: 'cafe\u0301' })).toEqual({ tag: 'caf\u00e9' });
});
