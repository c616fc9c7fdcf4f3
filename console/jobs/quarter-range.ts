import type { Quarter } from './day-load';
import type { Filter } from './filter';

/** Quarters of a day from one to another, both within. */
export type Range = { readonly first: number; readonly last: number };

/** What of a day a filter shows; undefined: all of it, or nothing. */
export const rangeIn = (
  quarters: readonly Quarter[],
  { from, to }: Pick<Filter, 'from' | 'to'>,
): Range | undefined => {
  if (from === undefined && to === undefined) return undefined;
  const begin = from === undefined ? -Infinity : Date.parse(from);
  const end = to === undefined ? Infinity : Date.parse(to);
  const first = quarters.findIndex((quarter) => quarter.to > begin);
  const last = quarters.findLastIndex((quarter) => quarter.at < end);
  return first >= 0 && last >= first ? { first, last } : undefined;
};
