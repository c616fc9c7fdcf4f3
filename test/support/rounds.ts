/** Whether the long rounds are asked for (`make test/long`): each fault at each place, where the gate takes turns. */
export const isLong = process.env['TEST_LONG'] === '1';

/** How many runs of a property there are where each counts: all of them, or fewer for each of thousands of mutants. */
export const propertyRuns = (all: number): number =>
  Math.min(all, Number(process.env['PROPERTY_RUNS'] ?? Infinity));
