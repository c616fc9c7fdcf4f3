import type { Instant } from '../../domain/time';

type Due = { readonly dueAt: Instant };

export type DueHeap<Item extends Due> = {
  readonly size: () => number;
  readonly push: (item: Item) => void;
  /** The item due first. */
  readonly peek: () => Item | undefined;
  readonly pop: () => Item | undefined;
};

/** A binary heap by due time: O(log n) in and out, whatever the order of arrival. */
export const dueHeap = <Item extends Due>(): DueHeap<Item> => {
  const items: Item[] = [];

  const isBefore = (a: number, b: number): boolean => {
    const [left, right] = [items[a], items[b]];
    // Stryker disable next-line ConditionalExpression: the right one is there always, the compiler wants it said
    return left !== undefined && right !== undefined && left.dueAt < right.dueAt;
  };
  const swap = (a: number, b: number): void => {
    const [left, right] = [items[a], items[b]];
    // Stryker disable next-line ConditionalExpression,LogicalOperator: both are there, the compiler wants it said
    if (left === undefined || right === undefined) return;
    items[a] = right;
    items[b] = left;
  };
  const rise = (from: number): void => {
    // Stryker disable next-line EqualityOperator: nothing is before the first, so it would go no further
    for (let child = from; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!isBefore(child, parent)) return;
      swap(child, parent);
      child = parent;
    }
  };
  const sink = (): void => {
    for (let parent = 0; ;) {
      const [left, right] = [2 * parent + 1, 2 * parent + 2];
      const child = isBefore(right, left) ? right : left;
      if (!isBefore(child, parent)) return;
      swap(child, parent);
      parent = child;
    }
  };

  return {
    size: () => items.length,
    push: (item) => {
      items.push(item);
      rise(items.length - 1);
    },
    peek: () => items[0],
    pop: () => {
      const first = items[0];
      const last = items.pop();
      // Stryker disable next-line ConditionalExpression: where items are left there was a last one
      if (last !== undefined && items.length > 0) {
        items[0] = last;
        sink();
      }
      return first;
    },
  };
};
