import type { ClockChange } from '../definition';
import { DAY_SECONDS } from './civil';
import type { WallSeconds } from './local-time';
import { NONE, type Range } from './sequence';

/**
 * The offsets of a time zone in the order of time: `offsets[i]`, seconds east of UTC, holds from `starts[i]`,
 * seconds since the epoch, until the next start. The first start is -Infinity.
 */
export type Zone = {
  /** Its own name: an alias finds the zone that it stands for. */
  readonly name: string;
  readonly starts: readonly number[];
  readonly offsets: readonly number[];
};

/** Time zones as one release of the IANA database knows them. */
export type ZoneTables = {
  /** The release, such as `2026f`: what an occurrence was computed with. */
  readonly version: string;
  /** By name or alias; undefined when there is no such zone. */
  readonly zone: (name: string) => Zone | undefined;
};

/** Index of the offset that holds at an instant. */
export const segmentAt = ({ starts }: Zone, at: number): number => {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? NONE) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
};

export const startOf = ({ starts }: Zone, segment: number): number => starts[segment] ?? NONE;

/** Offset of a segment; before the first and after the last segment that of the nearest. */
export const offsetOf = ({ offsets }: Zone, segment: number): number =>
  offsets[Math.min(Math.max(segment, 0), offsets.length - 1)] ?? 0;

/** Seconds east of UTC at an instant. */
export const offsetAt = (zone: Zone, at: number): number => offsetOf(zone, segmentAt(zone, at));

/** More than any clock is ever changed by: a wall time is an instant of the days around it. */
export const LONGEST_CHANGE = 2 * DAY_SECONDS;

/** Every instant at which clocks show a wall time, in growing order; none in a gap. */
export const instantsShowing = (zone: Zone, wall: WallSeconds): readonly number[] => {
  const found: number[] = [];
  const end = segmentAt(zone, wall + LONGEST_CHANGE);
  for (let i = segmentAt(zone, wall - LONGEST_CHANGE); i <= end; i += 1) {
    const at = wall - offsetOf(zone, i);
    if (at >= startOf(zone, i) && at < startOf(zone, i + 1)) found.push(at);
  }
  return found;
};

/** The jump that leaves out a wall time which `instantsShowing` does not find. */
const gapAround = (zone: Zone, wall: WallSeconds): { start: number; offsetBefore: number } => {
  const end = segmentAt(zone, wall + LONGEST_CHANGE);
  for (let i = segmentAt(zone, wall - LONGEST_CHANGE) + 1; i <= end; i += 1) {
    const [start, offsetBefore] = [startOf(zone, i), offsetOf(zone, i - 1)];
    if (wall >= start + offsetBefore && wall < start + offsetOf(zone, i))
      return { start, offsetBefore };
  }
  throw new RangeError(`${zone.name} neither shows nor leaves out the wall time ${wall}`);
};

/** The instants that a wall time stands for: none, one, or two in growing order. */
export const instantsOf = (
  zone: Zone,
  wall: WallSeconds,
  { gap, overlap }: ClockChange,
): readonly number[] => {
  const shown = instantsShowing(zone, wall);
  if (shown.length > 0) {
    if (overlap === 'both') return shown;
    return shown.slice(overlap === 'first' ? 0 : -1).slice(0, 1);
  }
  if (gap === 'skip') return [];
  const { start, offsetBefore } = gapAround(zone, wall);
  return [gap === 'shift' ? wall - offsetBefore : start];
};

/** The instants at which a calendar shows a day: one range, or two when a change of clocks leaves and enters it again. */
export const instantsOfDay = (zone: Zone, day: number): readonly Range[] => {
  const ranges: Range[] = [];
  const wall = day * DAY_SECONDS;
  const end = segmentAt(zone, wall + DAY_SECONDS + LONGEST_CHANGE);
  for (let i = segmentAt(zone, wall - LONGEST_CHANGE); i <= end; i += 1) {
    const from = Math.max(wall - offsetOf(zone, i), startOf(zone, i));
    const to = Math.min(wall + DAY_SECONDS - offsetOf(zone, i), startOf(zone, i + 1));
    if (from < to) ranges.push({ start: from, end: to });
  }
  return ranges;
};
