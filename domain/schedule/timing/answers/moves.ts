import type { Instant } from '../../../time';
import { wallText } from '../calendar/local-time';
import { has, type Range } from '../calendar/sequence';
import {
  instantsOf,
  LONGEST_CHANGE,
  offsetAt,
  segmentAt,
  startOf,
  type Zone,
} from '../calendar/zone';
import type { CompiledTiming } from '../compile';
import { placed } from './occurrence';
import { secondsOf, type Window } from './window';

/** An occurrence that other zone tables place elsewhere. One of the two instants is there, or both. */
export type Move = {
  /** What the rule says: `2026-12-01T09:00:00`. */
  readonly nominalTime: string;
  /** Undefined when there is no such occurrence by the tables before. */
  readonly before?: Instant;
  /** Undefined when there is none by the tables after. */
  readonly after?: Instant;
};

/** Where the other tables place the occurrence that one has at `at`; undefined where they have none. */
const counterpart = (from: CompiledTiming, to: CompiledTiming, at: number): number | undefined => {
  if (from.rule.kind === 'instants' || to.rule.kind === 'instants') {
    if (from.rule.kind !== to.rule.kind) return undefined;
    const moved =
      'anchorAt' in from.rule && 'anchorAt' in to.rule ? to.rule.anchorAt - from.rule.anchorAt : 0;
    return has(to.due, at + moved) ? at + moved : undefined;
  }
  const { wall, note } = placed(from, at);
  const places = instantsOf(to.zone, wall, to.rule.clockChange).filter((place) =>
    has(to.due, place),
  );
  return note?.kind === 'shown-twice' && note.time === 'second' ? places.at(-1) : places[0];
};

/** Where two tables of a zone show different times, with a margin in which their changes of clocks move occurrences. */
const differences = (a: Zone, b: Zone, from: number, to: number): readonly Range[] => {
  const edges = [a, b].flatMap((zone) => {
    const starts: number[] = [];
    for (let i = segmentAt(zone, from) + 1; startOf(zone, i) < to; i += 1)
      starts.push(startOf(zone, i));
    return starts;
  });
  const sorted = [from, ...edges.toSorted((x, y) => x - y), to];
  const ranges: Range[] = [];
  for (const [i, start] of sorted.entries()) {
    const end = sorted[i + 1];
    if (end === undefined || start >= end || offsetAt(a, start) === offsetAt(b, start)) continue;
    const range = {
      start: Math.max(from, start - LONGEST_CHANGE),
      end: Math.min(to, end + LONGEST_CHANGE),
    };
    const last = ranges.at(-1);
    if (last && range.start <= last.end)
      ranges[ranges.length - 1] = { start: last.start, end: range.end };
    else ranges.push(range);
  }
  return ranges;
};

/** One definition, compiled with the tables before and with those after. */
export type Recompiled = { readonly before: CompiledTiming; readonly after: CompiledTiming };

/** Where it can make a difference which tables there are. */
const rangesOf = ({ before, after }: Recompiled, from: number, to: number): readonly Range[] => {
  const [a, b] = [before.rule, after.rule];
  if (a.kind === 'walls' || b.kind === 'walls')
    return differences(before.zone, after.zone, from, to);
  const isTheSame = a.isElapsed && b.isElapsed && a.anchorAt === b.anchorAt;
  return isTheSame ? [] : [{ start: from, end: to }];
};

function* movesIn({ before, after }: Recompiled, { start, end }: Range): Generator<Move, void> {
  const moveOf = (wall: number, was: number | undefined, is: number | undefined): Move => ({
    nominalTime: wallText(wall),
    ...(was !== undefined && { before: was * 1_000 }),
    ...(is !== undefined && { after: is * 1_000 }),
  });
  let [was, is] = [before.due.from(start), after.due.from(start)];
  while (was < end || is < end) {
    const at = Math.min(was, is);
    if (was === at) {
      const now = counterpart(before, after, at);
      if (now !== at) yield moveOf(placed(before, at).wall, at, now);
      was = before.due.from(at + 1);
    }
    if (is === at) {
      const then = counterpart(after, before, at);
      // one that came from within was told when that was looked at
      const isTold = then !== undefined && then >= start && then < end;
      if (!isTold) yield moveOf(placed(after, at).wall, then, at);
      is = after.due.from(at + 1);
    }
  }
}

/**
 * What newer zone tables move in a window: every occurrence that lies elsewhere, falls away or is new, in the
 * order of the earlier of its instants, one by one as they are asked for. Only where the tables differ is looked.
 */
export function* moves(recompiled: Recompiled, window: Window): Generator<Move, void> {
  const { from, to } = secondsOf(window);
  for (const range of rangesOf(recompiled, from, to)) yield* movesIn(recompiled, range);
}
