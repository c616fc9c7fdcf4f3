import type { Instant } from '../../../time';
import { offsetText, wallText, type WallSeconds } from '../calendar/local-time';
import { has, type Sequence } from '../calendar/sequence';
import {
  instantsShowing,
  offsetAt,
  offsetOf,
  segmentAt,
  startOf,
  type Zone,
} from '../calendar/zone';
import type { CompiledTiming } from '../compile';
import type { ClockChange } from '../definition';

/** What a change of clocks did to an occurrence. */
export type OccurrenceNote =
  /** Clocks leave out the nominal time; the policy moved it here, maybe onto another occurrence. */
  | { readonly kind: 'moved-by-gap'; readonly by: 'shift' | 'gap-end'; readonly isShared: boolean }
  /** Clocks show the time twice. */
  | {
      readonly kind: 'shown-twice';
      readonly time: 'first' | 'second';
      readonly runsTwice: boolean;
    };

export type Occurrence = {
  readonly dueAt: Instant;
  /** What clocks show then: `2026-03-29T03:30:00+02:00`. */
  readonly localTime: string;
  /** What the rule says, `2026-03-29T02:30:00`: the same in every release of the zone tables. */
  readonly nominalTime: string;
  readonly note?: OccurrenceNote;
};

/** An instant as clocks of a zone show it. */
export const localTimeAt = (zone: Zone, at: number): string => {
  const offset = offsetAt(zone, at);
  return wallText(at + offset) + offsetText(offset);
};

/** The wall time that a gap has moved to an instant; undefined when there is none. */
const movedTo = (
  walls: Sequence,
  zone: Zone,
  { gap }: ClockChange,
  at: number,
): WallSeconds | undefined => {
  const segment = segmentAt(zone, at);
  const [start, before, after] = [
    startOf(zone, segment),
    offsetOf(zone, segment - 1),
    offsetOf(zone, segment),
  ];
  if (gap === 'skip' || at >= start + after - before) return undefined;
  if (gap === 'shift') return has(walls, at + before) ? at + before : undefined;
  const wall = walls.from(start + before);
  return at === start && wall < start + after ? wall : undefined;
};

/** Nominal wall time and note of an instant at which the rule falls due. */
export const placed = (
  { rule, zone }: CompiledTiming,
  at: number,
): { readonly wall: WallSeconds; readonly note?: OccurrenceNote } => {
  const wall = at + offsetAt(zone, at);
  if (rule.kind === 'instants') return { wall };
  const { walls, clockChange } = rule;
  const isMeant = has(walls, wall);
  const moved = movedTo(walls, zone, clockChange, at);
  if (moved !== undefined && clockChange.gap !== 'skip') {
    const note = { kind: 'moved-by-gap', by: clockChange.gap, isShared: isMeant } as const;
    return { wall: isMeant ? wall : moved, note };
  }
  const shown = instantsShowing(zone, wall);
  if (shown.length < 2) return { wall };
  const time = shown[0] === at ? 'first' : 'second';
  return { wall, note: { kind: 'shown-twice', time, runsTwice: clockChange.overlap === 'both' } };
};

export const occurrenceAt = (timing: CompiledTiming, at: number): Occurrence => {
  const { wall, note } = placed(timing, at);
  return {
    dueAt: at * 1_000,
    localTime: localTimeAt(timing.zone, at),
    nominalTime: wallText(wall),
    ...(note && { note }),
  };
};
