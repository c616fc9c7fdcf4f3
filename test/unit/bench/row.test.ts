import { lineOf, type Measurement } from '../../../bench/row';
import { ofRuns, percentiles } from '../../../bench/statistics';

const circumstances = {
  at: '2026-11-23T12:00:00.000Z',
  commit: '1a2b3c4',
  machine: { cpu: 'a cpu', cores: 2, memoryGb: 24, node: '20.20.2' },
  loadAverage: [0.5, 1.5],
} as const;

const judged = (measurement: Measurement): Record<string, unknown> =>
  JSON.parse(lineOf('a-row', measurement, circumstances)) as Record<string, unknown>;

test('a line says whether the target was reached, so that nobody has to compare figures by eye', () => {
  const measurement: Measurement = {
    of: '200/s',
    values: { p50Ms: 4, p99Ms: 26, early: 0 },
    target: [
      { of: 'p50Ms', atMost: 4 },
      { of: 'early', atMost: 0 },
    ],
    stretch: [{ of: 'p99Ms', atMost: 25 }],
  };
  expect(judged(measurement)).toMatchObject({
    ...{ row: 'a-row', of: '200/s', ...circumstances },
    ...{ target: 'p50Ms <= 4, early <= 0', reached: true },
    ...{ stretch: 'p99Ms <= 25', stretchReached: false },
  });
});

test.each`
  values                 | reached  | why
  ${{ perSecond: 6000 }} | ${true}  | ${'the bound itself is enough'}
  ${{ perSecond: 5999 }} | ${false} | ${'it is below'}
  ${{}}                  | ${false} | ${'what was not measured reaches nothing'}
`('a rate of at least 6,000 with $values is $reached: $why', ({ values, reached }) => {
  const target = [{ of: 'perSecond', atLeast: 6_000 }];
  expect(judged({ of: 'x', values: values as Measurement['values'], target })).toMatchObject({
    target: 'perSecond >= 6000',
    reached: reached as boolean,
  });
});

test('percentiles are values that were measured, whatever their order', () => {
  const durationsMs = Array.from({ length: 200 }, (_, n) => 200 - n);
  expect(percentiles(durationsMs)).toEqual({ p50Ms: 101, p99Ms: 199, maxMs: 200 });
});

test('of several runs the median counts, and the range shows how far they differ', () => {
  expect(ofRuns([{ p99Ms: 30 }, { p99Ms: 11 }, { p99Ms: 900 }])).toEqual({
    values: { p99Ms: 30 },
    range: { p99Ms: [11, 900] },
    runs: 3,
  });
});
