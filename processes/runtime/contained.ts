import { putOff } from './put-off';
import type { Timers } from './timers';

export type ContainedDeps<Item> = {
  readonly idOf: (item: Item) => string;
  /** Told of each that failed. @param times  how often in a row, from 1 on */
  readonly onFault: (item: Item, error: unknown, times: number) => void;
  /** Whether an error means that a server is away: that is the fault of no item. */
  readonly isOutage: (error: unknown) => boolean;
  readonly timers: Pick<Timers, 'monotonicMs'>;
  /** Items under way at once. */
  readonly concurrency: number;
};

/** `settled`: nothing is left to do. `again`: later, for the row may follow by then. `skipped`: nothing was tried. */
export type Done = 'settled' | 'again' | 'skipped';

/** Work on many items in which one that fails holds up no other. */
export type Contained<Item> = {
  /**
   * Works on those that are not put off; what fails is told and put off.
   *
   * @param work  is told how often the item was put off before
   * @throws the outage, when there was one and not a single item got an answer
   */
  readonly each: <Some extends Item>(
    items: readonly Some[],
    work: (item: Some, times: number) => Promise<Done>,
  ) => Promise<void>;
  /** How many items are put off: a page must be longer by as many. */
  readonly size: () => number;
};

export const contained = <Item>(deps: ContainedDeps<Item>): Contained<Item> => {
  const { idOf, onFault, isOutage, timers, concurrency } = deps;
  const waiting = putOff();

  const fail = (item: Item, error: unknown): void => {
    onFault(item, error, waiting.add(idOf(item), timers.monotonicMs()));
  };

  return {
    each: async (items, work) => {
      const nowMs = timers.monotonicMs();
      const due = items
        .filter((item) => !waiting.isPutOff(idOf(item), nowMs))
        // those that have failed come last: they may be all that keeps the log from answering
        .sort((a, b) => waiting.times(idOf(a)) - waiting.times(idOf(b)));
      const outages: { readonly item: (typeof due)[number]; readonly error: unknown }[] = [];
      let answered = 0;

      const one = async (item: (typeof due)[number]): Promise<void> => {
        const id = idOf(item);
        try {
          const done = await work(item, waiting.times(id));
          if (done === 'skipped') return;
          answered += 1;
          if (done === 'settled') waiting.settle(id);
          else waiting.add(id, timers.monotonicMs());
        } catch (error) {
          if (isOutage(error)) outages.push({ item, error });
          else {
            answered += 1; // the log has answered, and that is what it holds
            fail(item, error);
          }
        }
      };
      const rest = due[Symbol.iterator]();
      const worker = async (): Promise<void> => {
        for (const item of rest) {
          await one(item);
          if (answered === 0 && outages.length >= concurrency) return;
        }
      };
      await Promise.all(Array.from({ length: Math.min(concurrency, due.length) }, worker));

      const [first] = outages;
      if (!first) return;
      if (answered > 0) for (const { item, error } of outages) fail(item, error);
      else {
        for (const { item } of outages) waiting.addBriefly(idOf(item), timers.monotonicMs());
        throw first.error;
      }
    },
    size: waiting.size,
  };
};
