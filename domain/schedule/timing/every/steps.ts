import { NONE, type Sequence } from '../calendar/sequence';

/** What happens at the n-th step: values in growing order, none of them before those of the step before. */
export type Step = (n: number) => readonly number[];

/** A month is this much longer or shorter than the average at most, leap years and changes of clocks included; in steps. */
const GUESS_MARGIN = 4;

/** The values of steps 0, 1, 2 and so on, of which each takes `lengthSeconds` on average. */
export const steps = (step: Step, lengthSeconds: number): Sequence => {
  const base = step(0)[0] ?? 0;
  const firstStepFor = (at: number): number =>
    Math.max(0, Math.floor((at - base) / lengthSeconds) - GUESS_MARGIN);
  return {
    from: (at) => {
      if (at === NONE) return NONE;
      for (let n = firstStepFor(at); ; n += 1) {
        const found = step(n).find((value) => value >= at);
        if (found !== undefined) return found;
      }
    },
    count: (from, to) => {
      let [total, previous] = [0, -Infinity];
      for (let n = firstStepFor(from); ; n += 1)
        for (const value of step(n)) {
          if (value >= to) return total;
          if (value >= from && value !== previous) total += 1;
          previous = value;
        }
    },
  };
};
