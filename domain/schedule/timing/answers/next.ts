import type { Instant } from '../../../time';
import { has, newest, NONE } from '../calendar/sequence';
import type { CompiledTiming } from '../compile';
import { occurrenceAt, type Occurrence } from './occurrence';
import { secondAfter, secondsOf, type Window } from './window';

/** The first instant later than `after` at which it falls due; undefined when there is none. */
export const next = ({ due }: CompiledTiming, after: Instant): Instant | undefined => {
  const at = due.from(secondAfter(after));
  return at === NONE ? undefined : at * 1_000;
};

/** Whether it falls due at an instant. */
export const isDueAt = ({ due }: CompiledTiming, at: Instant): boolean =>
  at % 1_000 === 0 && has(due, at / 1_000);

/** The occurrences of a window, one by one as they are asked for: a window may hold millions. */
export function* occurrences(timing: CompiledTiming, window: Window): Generator<Occurrence, void> {
  const { from, to } = secondsOf(window);
  for (let at = timing.due.from(from); at < to; at = timing.due.from(at + 1))
    yield occurrenceAt(timing, at);
}

/** Many occurrences as one fact. */
export type OccurrenceRange = {
  readonly count: number;
  /** First and last of them; undefined when there are none. */
  readonly first?: Instant;
  readonly last?: Instant;
};

/** How many occurrences a window holds, counted without walking through them. */
export const rangeOf = ({ due }: CompiledTiming, window: Window): OccurrenceRange => {
  const { from, to } = secondsOf(window);
  const count = due.count(from, to);
  if (count === 0) return { count };
  const [last] = newest(due, from, to, 1);
  return {
    count,
    first: due.from(from) * 1_000,
    ...(last !== undefined && { last: last * 1_000 }),
  };
};

/** The newest `limit` occurrences of a window in the order of time. Holds no more than these in memory. */
export const newestOf = (
  { due }: CompiledTiming,
  window: Window,
  limit: number,
): readonly Instant[] => {
  const { from, to } = secondsOf(window);
  return from < to && limit > 0 ? newest(due, from, to, limit).map((at) => at * 1_000) : [];
};
