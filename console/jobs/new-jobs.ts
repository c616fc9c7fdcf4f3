import type { StatusChange } from '../http/answers';
import { takes, type Filter } from './filter';

/** As many are told apart; beyond that there are only more of them. */
export const MOST_NEW = 1_000;

/** Jobs that came since a list was read, each with whether the list takes it for sure. */
export type Come = ReadonlyMap<string, boolean>;

/** What a list shows: its jobs, and how far down it was read. */
export type Shown = {
  readonly has: (jobId: string) => boolean;
  /** The earliest due time on it; undefined when there is nothing below. */
  readonly downTo: number | undefined;
};

/** Those that have come into the part of the list that was read; the same ones where none has come or gone. */
export const comeAfter = (
  come: Come,
  changes: Iterable<StatusChange>,
  filter: Filter,
  { has, downTo }: Shown,
): Come => {
  let after: Map<string, boolean> | undefined;
  for (const change of changes) {
    const { jobId } = change;
    const isBelow = downTo !== undefined && Date.parse(change.dueAt) < downTo;
    const isTaken = !isBelow && !has(jobId) && takes(filter, change);
    const isSure = isTaken === false ? undefined : isTaken === true;
    const kept = after ?? come;
    const known = kept.get(jobId);
    if (known === isSure || (known === undefined && kept.size >= MOST_NEW)) continue;
    after ??= new Map(come);
    if (isSure === undefined) after.delete(jobId);
    else after.set(jobId, isSure);
  }
  return after ?? come;
};
