import type { Instant } from '../../../time';
import { wallText } from '../calendar/local-time';
import { has, type Sequence } from '../calendar/sequence';
import { offsetOf, segmentAt, startOf } from '../calendar/zone';
import type { CompiledTiming } from '../compile';
import { localTimeAt } from './occurrence';
import { secondsOf, type Window } from './window';

/** `gap`: clocks leave the wall time out. `exclude`: its day is excluded. `exdate`: EXDATE names it. */
export type LeftOutReason = 'gap' | 'exclude' | 'exdate';

/** An occurrence that the rule by itself would have, and the schedule has not. */
export type LeftOut = {
  /** When it would be, or when clocks leave it out. */
  readonly at: Instant;
  /** Without an offset where no clock shows it. */
  readonly localTime: string;
  readonly reason: LeftOutReason;
};

/** At most `limit` of a sequence in [from, to). */
const some = (all: Sequence, from: number, to: number, limit: number): readonly number[] => {
  const found: number[] = [];
  for (let at = all.from(from); at < to && found.length < limit; at = all.from(at + 1))
    found.push(at);
  return found;
};

const inGaps = (
  { rule, zone }: CompiledTiming,
  from: number,
  to: number,
  limit: number,
): readonly LeftOut[] => {
  if (rule.kind === 'instants' || rule.clockChange.gap !== 'skip') return [];
  const found: LeftOut[] = [];
  for (let i = segmentAt(zone, from); startOf(zone, i) < to && found.length < limit; i += 1) {
    const start = startOf(zone, i);
    if (start < from) continue;
    const [firstWall, endWall] = [start + offsetOf(zone, i - 1), start + offsetOf(zone, i)];
    for (const wall of some(rule.walls, firstWall, endWall, limit - found.length))
      found.push({ at: start * 1_000, localTime: wallText(wall), reason: 'gap' });
  }
  return found;
};

const excludedDays = (
  { excluded, removed, unfiltered, zone }: CompiledTiming,
  from: number,
  to: number,
  limit: number,
): readonly LeftOut[] => {
  const found: LeftOut[] = [];
  for (const { start, end } of excluded)
    for (const at of some(
      unfiltered,
      Math.max(start, from),
      Math.min(end, to),
      limit - found.length,
    ))
      if (!removed.includes(at))
        found.push({ at: at * 1_000, localTime: localTimeAt(zone, at), reason: 'exclude' });
  return found;
};

const excludedDates = (
  { removed, unfiltered, zone }: CompiledTiming,
  from: number,
  to: number,
  limit: number,
): readonly LeftOut[] =>
  removed
    .filter((at) => at >= from && at < to && has(unfiltered, at))
    .slice(0, limit)
    .map((at) => ({ at: at * 1_000, localTime: localTimeAt(zone, at), reason: 'exdate' }));

/** What the rule would have in a window and the schedule has not, in the order of time; at most `limit`. */
export const leftOut = (
  timing: CompiledTiming,
  window: Window,
  limit: number,
): readonly LeftOut[] => {
  const asked = secondsOf(window);
  const from = Math.max(asked.from, timing.first);
  const to = Math.min(asked.to, timing.last + 1);
  return [inGaps, excludedDays, excludedDates]
    .flatMap((of) => of(timing, from, to, limit))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, limit);
};
