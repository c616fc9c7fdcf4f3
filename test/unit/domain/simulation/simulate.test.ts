import fc from 'fast-check';
import { byMinute } from '../../../../domain/simulation/by-minute';
import { drawAt } from '../../../../domain/simulation/draw';
import { synthesize, synthesisPatterns, type Load } from '../../../../domain/simulation/load';
import { simulate, type SimulationSettings } from '../../../../domain/simulation/simulate';

/** So much of everything that nobody waits. */
const plenty: SimulationSettings = {
  dispatchers: 1_000,
  dispatchesPerSecond: 1_000,
  executors: 1_000,
  capacity: 1_000,
  spreadWindowMs: 0,
  claimLatencyMs: 0,
};

const loadOf = (jobs: readonly (readonly [dueAt: number, durationMs: number])[]): Load => ({
  dueAt: Float64Array.from(jobs, ([dueAt]) => dueAt),
  durationMs: Float64Array.from(jobs, ([, durationMs]) => durationMs),
});

const startsOf = (
  load: Load,
  settings: Partial<SimulationSettings>,
  seed = 1,
): readonly number[] => [...simulate(load, { ...plenty, ...settings }, seed).startedAt];

const threeAtOnce = loadOf([
  [0, 500],
  [0, 500],
  [0, 500],
]);

test.each`
  settings                                            | starts               | why
  ${{}}                                               | ${[0, 0, 0]}         | ${'with plenty of everything nobody waits'}
  ${{ dispatchers: 1, dispatchesPerSecond: 1 }}       | ${[0, 1_000, 2_000]} | ${'one dispatcher takes one a second'}
  ${{ dispatchers: 2, dispatchesPerSecond: 1 }}       | ${[0, 0, 1_000]}     | ${'two take two'}
  ${{ executors: 1, capacity: 1 }}                    | ${[0, 500, 1_000]}   | ${'one place, each half a second'}
  ${{ executors: 2, capacity: 1 }}                    | ${[0, 0, 500]}       | ${'two executors have two places'}
  ${{ executors: 1, capacity: 2, claimLatencyMs: 7 }} | ${[7, 7, 507]}       | ${'a claim takes its time, once'}
`(
  'three jobs at one instant start at $starts: $why',
  ({ settings, starts }: { settings: Partial<SimulationSettings>; starts: readonly number[] }) => {
    expect(startsOf(threeAtOnce, settings)).toEqual(starts);
  },
);

test('the first free place is taken, not the first that was given', () => {
  const load = loadOf([
    [0, 900],
    [0, 100],
    [10, 50],
  ]);
  expect(startsOf(load, { executors: 1, capacity: 2 })).toEqual([0, 0, 100]);
});

test('a spread window moves jobs of one instant, each within it, and leaves a job alone where it is', () => {
  const jobs = Array.from({ length: 1_000 }, () => [0, 1] as const);
  const { dueAt, startedAt } = simulate(
    loadOf([...jobs, [5_000, 1]]),
    { ...plenty, spreadWindowMs: 10_000 },
    1,
  );
  const starts = [...startedAt].filter((_, n) => dueAt[n] === 0);
  expect(Math.min(...starts)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...starts)).toBeLessThan(10_000);
  const mean = starts.reduce((sum, at) => sum + at, 0) / starts.length;
  expect(Math.abs(mean - 5_000)).toBeLessThan(500);
  expect([...startedAt].filter((_, n) => dueAt[n] === 5_000)).toEqual([5_000]);
});

const loads = fc
  .array(fc.tuple(fc.nat({ max: 5_000 }), fc.nat({ max: 3_000 })), { minLength: 1, maxLength: 60 })
  .map(loadOf);
const settings = fc.record({
  dispatchers: fc.integer({ min: 1, max: 4 }),
  dispatchesPerSecond: fc.integer({ min: 1, max: 50 }),
  executors: fc.integer({ min: 1, max: 3 }),
  capacity: fc.integer({ min: 1, max: 4 }),
  spreadWindowMs: fc.constantFrom(0, 1_000),
  claimLatencyMs: fc.nat({ max: 20 }),
});

describe('always', () => {
  test('every job finishes, none starts before it is due, and no more run than there are places', () => {
    fc.assert(
      fc.property(loads, settings, fc.nat(), (load, its, seed) => {
        const { dueAt, startedAt, finishedAt } = simulate(load, its, seed);
        expect(dueAt.toSorted()).toEqual(load.dueAt.toSorted());
        startedAt.forEach((at, n) => expect(at).toBeGreaterThanOrEqual(dueAt[n] ?? Infinity));
        const ran = finishedAt.reduce((sum, at, n) => sum + at - (startedAt[n] ?? 0), 0);
        expect(ran).toBeCloseTo(
          load.durationMs.reduce((sum, ms) => sum + ms, 0),
          3,
        );
        const { total } = byMinute({ ...simulate(load, its, seed) });
        expect(total.runningPeak).toBeLessThanOrEqual(its.executors * its.capacity);
      }),
    );
  });

  test('more of anything never makes the latest start later', () => {
    const more = fc.constantFrom('dispatchers', 'dispatchesPerSecond', 'executors', 'capacity');
    fc.assert(
      fc.property(loads, settings, fc.nat(), more, (load, its, seed, what) => {
        const latest = (one: SimulationSettings) =>
          byMinute(simulate(load, one, seed)).total.lateness.maxMs;
        expect(latest({ ...its, [what]: its[what] + 1 })).toBeLessThanOrEqual(latest(its));
      }),
    );
  });

  test('the same seed gives the same course to the bit, another one another', () => {
    fc.assert(
      fc.property(loads, settings, fc.nat(), (load, its, seed) => {
        expect(simulate(load, its, seed)).toEqual(simulate(load, its, seed));
      }),
    );
    const spread = { ...plenty, spreadWindowMs: 1_000 };
    expect(simulate(threeAtOnce, spread, 1)).not.toEqual(simulate(threeAtOnce, spread, 2));
  });
});

describe('by minute', () => {
  test('each thing counts in the minute that it happens in; what is under way counts in the next one, too', () => {
    const load = loadOf([
      [59_000, 90_000],
      [59_000, 2_000],
      [60_000, 1_000],
    ]);
    const course = simulate(load, { ...plenty, executors: 1, capacity: 1 }, 1);
    const none = { due: 0, dispatched: 0, started: 0, finished: 0 };
    expect(byMinute(course)).toEqual({
      minutes: [
        {
          ...{ ...none, at: 0, due: 2, dispatched: 2, started: 1, runningPeak: 1, backlogPeak: 1 },
          lateness: { p50Ms: 0, p99Ms: 90_000, maxMs: 90_000 },
        },
        {
          ...{ ...none, at: 60_000, due: 1, dispatched: 1, runningPeak: 1, backlogPeak: 2 },
          lateness: { p50Ms: 91_000, p99Ms: 91_000, maxMs: 91_000 },
        },
        { ...none, at: 120_000, started: 2, finished: 3, runningPeak: 1, backlogPeak: 2 },
      ],
      total: {
        jobs: 3,
        lateness: { p50Ms: 90_000, p99Ms: 91_000, maxMs: 91_000 },
        runningPeak: 1,
        backlogPeak: 2,
        lastFinishedAt: 152_000,
      },
    });
  });

  test('nothing to do is nothing to show', () => {
    const nothing = { p50Ms: 0, p99Ms: 0, maxMs: 0 };
    expect(byMinute(simulate(loadOf([]), plenty, 1))).toEqual({
      minutes: [],
      total: { jobs: 0, lateness: nothing, runningPeak: 0, backlogPeak: 0, lastFinishedAt: 0 },
    });
  });
});

describe('a synthetic load', () => {
  const hours = {
    jobs: 1_000,
    from: 1_800_000,
    overMs: 7_200_000,
    durations: { meanMs: 1_000, kind: 'constant' },
  } as const;

  test.each(synthesisPatterns)('%s keeps to its time, and follows from its seed', (pattern) => {
    const load = synthesize({ ...hours, pattern }, 7);
    expect(synthesize({ ...hours, pattern }, 7)).toEqual(load);
    expect(load.dueAt).toHaveLength(1_000);
    for (const at of load.dueAt) {
      expect(at).toBeGreaterThanOrEqual(1_800_000);
      expect(at).toBeLessThan(9_000_000);
    }
  });

  test('at the top of the hour jobs are due at full hours only; a burst at one instant', () => {
    const instants = (pattern: (typeof synthesisPatterns)[number]) =>
      [...new Set(synthesize({ ...hours, pattern }, 7).dueAt)].sort((a, b) => a - b);
    expect(instants('top-of-hour')).toEqual([3_600_000, 7_200_000]);
    expect(instants('burst')).toEqual([1_800_000]);
    expect(instants('uniform').length).toBeGreaterThan(900);
  });

  test('exponential durations have the mean that was asked for', () => {
    const durations = { meanMs: 1_000, kind: 'exponential' } as const;
    const { durationMs } = synthesize({ ...hours, jobs: 20_000, pattern: 'burst', durations }, 1);
    const mean = durationMs.reduce((sum, ms) => sum + ms, 0) / durationMs.length;
    expect(Math.abs(mean - 1_000)).toBeLessThan(50);
  });
});

test('draws are those of mulberry32, and lie evenly in [0, 1)', () => {
  expect([0, 1, 2].map((n) => drawAt(1, n))).toEqual([
    0.6270739405881613, 0.002735721180215478, 0.5274470399599522,
  ]);
  const draws = Array.from({ length: 100_000 }, (_, n) => drawAt(9, n));
  expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
  const tenths = draws.reduce<number[]>((counts, draw) => {
    const tenth = Math.floor(draw * 10);
    counts[tenth] = (counts[tenth] ?? 0) + 1;
    return counts;
  }, []);
  for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
