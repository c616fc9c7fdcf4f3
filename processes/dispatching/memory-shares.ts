import type { Flow } from '../../projections/queries/dispatching/due-jobs';

export type BufferLimits = { readonly maxRows: number; readonly maxChars: number };

type Row = Flow & { readonly messageHead: string };

/** What the rows of each owner of a queue fill of the memory for all. */
export type MemoryShares = {
  readonly enter: (row: Row) => void;
  readonly leave: (row: Row) => void;
  /** Of the share that the flow may have now: from 1 on it is full. */
  readonly usedPart: (flow: Flow) => number;
  readonly isFull: () => boolean;
  readonly rows: () => number;
};

/**
 * One owner of a queue may fill this many parts while one stays free: the one who has most to do leaves a fifth
 * of the memory to all others, and two such owners leave a ninth.
 */
const PARTS_PER_FREE_PART = 4;

type Use = { rows: number; chars: number };

const keyOf = ({ queue, ownerId }: Flow): string => `${queue}/${ownerId}`;

export const memoryShares = ({ maxRows, maxChars }: BufferLimits): MemoryShares => {
  const uses = new Map<string, Use>();
  const total: Use = { rows: 0, chars: 0 };
  return {
    enter: (row) => {
      const key = keyOf(row);
      const use = uses.get(key) ?? { rows: 0, chars: 0 };
      uses.set(key, use);
      use.rows += 1;
      use.chars += row.messageHead.length;
      total.rows += 1;
      total.chars += row.messageHead.length;
    },
    leave: (row) => {
      const key = keyOf(row);
      const use = uses.get(key);
      if (!use) return;
      use.rows -= 1;
      use.chars -= row.messageHead.length;
      total.rows -= 1;
      total.chars -= row.messageHead.length;
      if (use.rows === 0) uses.delete(key);
    },
    usedPart: (flow) => {
      const use = uses.get(keyOf(flow));
      if (!use) return 0;
      const rows = use.rows / Math.max(1, PARTS_PER_FREE_PART * (maxRows - total.rows));
      const chars = use.chars / Math.max(1, PARTS_PER_FREE_PART * (maxChars - total.chars));
      return Math.max(rows, chars);
    },
    isFull: () => total.rows >= maxRows || total.chars >= maxChars,
    rows: () => total.rows,
  };
};
