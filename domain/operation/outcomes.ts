import type { JobRejection } from '../job/commands';

/** Why a job was not changed, beside what a job itself rejects. */
export type ItemRefusal =
  | JobRejection['code']
  /** Of an undo: it is no longer due when the operation had put it. */
  | 'job-moved-since'
  | 'job-unreadable'
  | 'job-history-gone'
  | 'contended';

/** `unchanged`: it was so already. `left`: it was not tried, for the operation was stopped. */
export type ItemOutcome = 'changed' | 'unchanged' | 'left' | ItemRefusal;

/** An outcome as answers tell it. */
export type ToldOutcome =
  | { readonly outcome: 'waiting' | 'changed' | 'unchanged' | 'left' }
  | { readonly outcome: 'refused'; readonly code: string };

export const toldOutcome = (outcome: string | undefined): ToldOutcome => {
  switch (outcome) {
    case undefined:
      return { outcome: 'waiting' };
    case 'changed':
    case 'unchanged':
    case 'left':
      return { outcome };
    default:
      return { outcome: 'refused', code: outcome };
  }
};

/** How many items had which outcome. */
export type OutcomeCounts = {
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly left: number;
};

export const noOutcomes: OutcomeCounts = { changed: 0, unchanged: 0, refused: 0, left: 0 };

/** The counts alone, of something that has them. */
export const countsOf = ({ changed, unchanged, refused, left }: OutcomeCounts): OutcomeCounts => ({
  ...{ changed, unchanged, refused, left },
});

export const countedOutcomes = (
  counts: OutcomeCounts,
  outcomes: readonly string[],
): OutcomeCounts => {
  const next = { ...countsOf(counts) };
  for (const outcome of outcomes) {
    const told = toldOutcome(outcome).outcome;
    if (told !== 'waiting') next[told] += 1;
  }
  return next;
};
