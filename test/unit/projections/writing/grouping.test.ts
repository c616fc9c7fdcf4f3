import { groupBy } from '../../../../projections/writing/grouping';

test('items keep their order within a key, and keys that of their first item', () => {
  const groups = groupBy(['b1', 'a1', 'b2', 'a2'], (item) => item.charAt(0));
  expect([...groups]).toEqual([
    ['b', ['b1', 'b2']],
    ['a', ['a1', 'a2']],
  ]);
});
