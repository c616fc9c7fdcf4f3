import { flowKey, shares, type Flow } from './shares';

/** Holds what has come too early for its flow, for a short while and in bounded number. */
export type WaitingRoom<Item> = {
  /** False when the flow has its share of the room already. */
  readonly enter: (flow: Flow, item: Item) => boolean;
  /** The next one whose flow `mayGo`, flows in turn. It leaves. */
  readonly next: (mayGo: (flow: Flow) => boolean) => Item | undefined;
  /** Takes one out. */
  readonly leave: (flow: Flow, item: Item) => void;
  readonly countOf: (flow: Flow) => number;
  readonly size: () => number;
  readonly items: () => readonly Item[];
};

type Line<Item> = { readonly flow: Flow; readonly items: Set<Item> };

export const waitingRoom = <Item>(size: number): WaitingRoom<Item> => {
  const places = shares(size);
  /** In the order of their turns. */
  const lines = new Map<string, Line<Item>>();
  /** How many calls a target takes at once says nothing of how many may wait for it. */
  const placeOf = (flow: Flow): Flow => ({ ...flow, targetLimit: Infinity });

  const leave = (flow: Flow, item: Item): void => {
    const key = flowKey(flow);
    const line = lines.get(key);
    if (!line?.items.delete(item)) return;
    places.giveBack(flow);
    if (line.items.size === 0) lines.delete(key);
  };
  return {
    enter: (flow, item) => {
      if (!places.take(placeOf(flow))) return false;
      const key = flowKey(flow);
      const line = lines.get(key) ?? { flow, items: new Set() };
      lines.set(key, line);
      line.items.add(item);
      return true;
    },
    next: (mayGo) => {
      for (const [key, line] of lines) {
        const [first] = line.items;
        if (first === undefined || !mayGo(line.flow)) continue;
        leave(line.flow, first);
        if (lines.delete(key)) lines.set(key, line); // its next turn comes after all others'
        return first;
      }
      return undefined;
    },
    leave,
    size: () => size - places.free(),
    countOf: (flow) => lines.get(flowKey(flow))?.items.size ?? 0,
    items: () => [...lines.values()].flatMap(({ items }) => [...items]),
  };
};
