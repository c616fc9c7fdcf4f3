import type { OperationFact } from './events';
import { toldOutcome, type ToldOutcome } from './outcomes';

/** Jobs of one batch in their order, and what became of them once that is recorded. */
export type ItemBatch = {
  /** How many jobs are in the batches before it. */
  readonly from: number;
  readonly jobIds: readonly string[];
  readonly outcomes?: readonly string[];
};

/** A job of an operation, and what became of it. */
export type FoldedItem = ToldOutcome & {
  /** Its place among all, from 0 on. */
  readonly item: number;
  readonly jobId: string;
};

/** Which of the items: in their order, after a place. */
export type ItemsAsked = {
  readonly limit: number;
  readonly after?: number;
  readonly outcome?: ToldOutcome['outcome'];
};

/** The jobs of an operation after one more of its events. */
export const batchesAfter = (
  batches: readonly ItemBatch[],
  fact: OperationFact,
): readonly ItemBatch[] => {
  switch (fact.type) {
    case 'OperationSelected': {
      const { batch, from, jobIds } = fact.data;
      // the first batch again: the selection began anew
      return [...batches.slice(0, batch), { from, jobIds }];
    }
    case 'OperationProgressed': {
      const { batch, outcomes } = fact.data;
      return batches.map((one, index) => (index === batch ? { ...one, outcomes } : one));
    }
    default:
      return batches;
  }
};

function* itemsOf(batches: readonly ItemBatch[], hasEnded: boolean): Generator<FoldedItem> {
  for (const { from, jobIds, outcomes = [] } of batches)
    for (const [index, jobId] of jobIds.entries()) {
      // nobody comes to it any more
      const told = outcomes[index] ?? (hasEnded ? 'left' : undefined);
      yield { item: from + index, jobId, ...toldOutcome(told) };
    }
}

/** Those that are asked for. `next`: the last of them, when more follow. */
export const pageOfItems = (
  batches: readonly ItemBatch[],
  hasEnded: boolean,
  { limit, after = -1, outcome }: ItemsAsked,
): { readonly items: readonly FoldedItem[]; readonly next?: number } => {
  const items: FoldedItem[] = [];
  for (const one of itemsOf(batches, hasEnded)) {
    if (one.item <= after || (outcome !== undefined && one.outcome !== outcome)) continue;
    const last = items.at(-1);
    if (items.length === limit && last) return { items, next: last.item };
    items.push(one);
  }
  return { items };
};
