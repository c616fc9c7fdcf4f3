import { modulo } from '../../domain/schedule/timing/calendar/civil';
import type { Zone } from '../../domain/schedule/timing/calendar/zone';
import type { ClockChange } from '../../domain/schedule/timing/definition';

const MINUTE = 60;
const DAY = 86_400;
const MARGIN = 36 * 3_600;

/** Offset at an instant of a window, found by looking at each change in it. */
const offsets = (zone: Zone, from: number, to: number): ((at: number) => number) => {
  const all = zone.starts.map((start, i) => ({ start, offset: zone.offsets[i] ?? Number.NaN }));
  const inside = all.filter(({ start }) => start > from && start < to);
  const before = all.findLast(({ start }) => start <= from);
  return (at) => (inside.findLast(({ start }) => start <= at) ?? before)?.offset ?? Number.NaN;
};

/**
 * An oracle: walks a clock of a zone minute by minute, notes when it shows which wall time, then asks of every
 * wall minute whether it is due, and places it by the policy. Shares no code with what it checks.
 *
 * @param isDue  whether a wall minute is due, given as a date of UTC
 * @returns the instants of [from, to), seconds, each a whole minute
 */
export const walkedInstants = (
  zone: Zone,
  { gap, overlap }: ClockChange,
  isDue: (wall: Date) => boolean,
  from: number,
  to: number,
): readonly number[] => {
  const start = from - modulo(from, MINUTE) - MARGIN;
  const offsetAt = offsets(zone, start, to + MARGIN);
  const shown = new Map<number, number[]>();
  const jumps: { at: number; firstWall: number; endWall: number }[] = [];
  let expected: number | undefined;
  for (let at = start; at < to + MARGIN; at += MINUTE) {
    const wall = at + offsetAt(at);
    const before = shown.get(wall);
    if (before) before.push(at);
    else shown.set(wall, [at]);
    if (expected !== undefined && wall > expected)
      jumps.push({ at, firstWall: expected, endWall: wall });
    expected = wall + MINUTE;
  }

  const found = new Set<number>();
  for (let wall = from - modulo(from, MINUTE) - DAY; wall < to + DAY; wall += MINUTE) {
    if (!isDue(new Date(wall * 1_000))) continue;
    const [first, second] = shown.get(wall) ?? [];
    const jump = jumps.find((each) => wall >= each.firstWall && wall < each.endWall);
    if (first !== undefined) {
      if (second === undefined || overlap !== 'second') found.add(first);
      if (second !== undefined && overlap !== 'first') found.add(second);
    } else if (jump && gap === 'gap-end') found.add(jump.at);
    else if (jump && gap === 'shift') found.add(jump.at + wall - jump.firstWall);
  }
  return [...found].filter((at) => at >= from && at < to).toSorted((a, b) => a - b);
};
