import type { ClockChange } from '../definition';
import { has, NONE, type Sequence } from './sequence';
import { LONGEST_CHANGE, offsetOf, segmentAt, startOf, type Zone } from './zone';

/** What clocks show between two changes of the offset, as far as wall times are looked for in it. */
type Segment = {
  readonly start: number;
  readonly end: number;
  readonly offset: number;
  readonly offsetBefore: number;
  /** Wall times that are shown here and meant here. */
  readonly firstWall: number;
  readonly endWall: number;
};

/**
 * The instants of wall times in a zone. Those that clocks leave out or show twice are placed by the policy;
 * several that meet on one instant are one.
 */
export const zoned = (walls: Sequence, zone: Zone, { gap, overlap }: ClockChange): Sequence => {
  const segmentOf = (i: number): Segment => {
    const [start, end] = [startOf(zone, i), startOf(zone, i + 1)];
    const offset = offsetOf(zone, i);
    const offsetBefore = offsetOf(zone, i - 1);
    // max and min bite where clocks went back: the same wall times were, or will be, shown once more
    const firstWall = start + (overlap === 'first' ? Math.max(offset, offsetBefore) : offset);
    const endWall = end + (overlap === 'second' ? Math.min(offset, offsetOf(zone, i + 1)) : offset);
    return { start, end, offset, offsetBefore, firstWall, endWall };
  };

  /** The first at or after `at` that a gap at the start of the segment has moved into it. */
  const movedFrom = ({ start, offset, offsetBefore }: Segment, at: number): number => {
    if (gap === 'skip' || offset <= offsetBefore || at >= start + offset - offsetBefore)
      return NONE;
    if (gap === 'gap-end')
      return at <= start && walls.from(start + offsetBefore) < start + offset ? start : NONE;
    const wall = walls.from(Math.max(at, start) + offsetBefore);
    return wall < start + offset ? wall - offsetBefore : NONE;
  };

  /** How many of [from, to) were moved there by a gap, and would not be there anyway. */
  const countMoved = (segment: Segment, from: number, to: number): number => {
    let total = 0;
    for (let at = movedFrom(segment, from); at < to; at = movedFrom(segment, at + 1))
      if (at >= segment.end || !has(walls, at + segment.offset)) total += 1;
    return total;
  };

  return {
    from: (at) => {
      for (let i = segmentAt(zone, at); i < zone.starts.length; i += 1) {
        const segment = segmentOf(i);
        const wall = walls.from(Math.max(at + segment.offset, segment.firstWall));
        const shown = wall < segment.endWall ? wall - segment.offset : NONE;
        const found = Math.min(shown, movedFrom(segment, at));
        if (found !== NONE || wall === NONE) return found;
        // nothing falls due before that wall time, so the segments before it need no look; but clocks that go
        // back show wall times again that were passed over
        if (offsetOf(zone, i + 1) >= segment.offset)
          i = Math.max(i, segmentAt(zone, wall - LONGEST_CHANGE) - 1);
      }
      return NONE;
    },
    count: (from, to) => {
      let total = 0;
      for (let i = segmentAt(zone, from); startOf(zone, i) < to; i += 1) {
        const segment = segmentOf(i);
        const first = Math.max(from + segment.offset, segment.firstWall);
        const end = Math.min(to + segment.offset, segment.endWall);
        if (first < end) total += walls.count(first, end);
        total += countMoved(segment, from, to);
      }
      return total;
    },
  };
};
