import { lateForSearch } from '../../../../projections/search/pending';

const id = (n: number): string => `019ab3c4-5d6e-7f80-9a1b-2c3d4e5f600${n}`;

test('jobs that are brought back wait for the index, and streams of others do not', () => {
  const streams = [`job-${id(1)}`, `schedule-${id(2)}`, `job-${id(3)}`];
  expect(lateForSearch(streams).map(({ values }) => values)).toEqual([[`{${id(1)},${id(3)}}`]]);
  expect(lateForSearch([`schedule-${id(2)}`])).toEqual([]);
});
