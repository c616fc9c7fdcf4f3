import { kindOf, type JobFact } from './events';
import type { JobState } from './state';

/** The job after one more fact. @throws Error for a fact that no decision could have recorded: the stream is broken. */
export const evolve = (state: JobState, fact: JobFact): JobState =>
  kindOf(fact.type).evolve(state, fact);
