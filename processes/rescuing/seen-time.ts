import type { Instant } from '../../domain/time';
import type { SeenSoFar } from '../../infra/postgres/seen-time';
import type { AgeBand } from '../../projections/queries/rescuing/unfinished-jobs';

type PositionSeen = SeenSoFar['positions'][number];

/** One look at the database: its clock, and how far the read model was. */
export type Look = { readonly databaseNow: Instant; readonly position: bigint };

/**
 * Time as it was seen to pass by this process, while it and the database were steadily there. Clocks that
 * are set and machines that sleep add nothing to it; so how long ago an event was recorded is told by
 * when the log was first seen to hold it, and never by the time that the event names.
 */
export type SeenTime = {
  /** Takes over what an earlier rescuer knew; before the first look. */
  readonly goOnFrom: (soFar: SeenSoFar | undefined) => void;
  /** Takes one look, and the monotonic time at which its answer was there. */
  readonly see: (look: Look, nowMs: number) => void;
  /** Whether all was steady for `calmMs` up to `nowMs`: no clock was set, nobody slept. */
  readonly isSteady: (nowMs: number, calmMs: number) => boolean;
  readonly passedMs: () => number;
  /** The last position of which all events are at least `ageMs` old; undefined when none is known to be. */
  readonly positionBefore: (ageMs: number) => bigint | undefined;
  /** All that is known, the oldest first, of events that are at least `ageMs` old. */
  readonly bands: (ageMs: number) => readonly AgeBand[];
  /** The wall time by the database, as last seen; not later than it was. */
  readonly databaseNow: (nowMs: number) => Instant;
  /** For a rescuer that starts later. */
  readonly soFar: () => SeenSoFar;
};

/** A difference between two clocks that no delay of an answer explains. */
const JUMP_MS = 2_000;
/** The most that counts between two looks: who was away for longer has seen no more than this. */
const GAP_MS = 3_000;
/** How much older than told an event may be: below a second, or this share of its age. */
const COARSENESS = 0.02;
const FINEST_MS = 1_000;

/** Drops what is between neighbours that are closer than matters at their age. */
const thinned = (positions: readonly PositionSeen[], passedMs: number): readonly PositionSeen[] => {
  const kept: PositionSeen[] = [];
  positions.forEach((sample, i) => {
    const before = kept.at(-1);
    const after = positions[i + 1];
    const apart = Math.max(FINEST_MS, (passedMs - sample.passedMs) * COARSENESS);
    const isNeeded = !before || !after || after.passedMs - before.passedMs > apart;
    if (isNeeded) kept.push(sample);
  });
  return kept;
};

const THIN_AT = 1_000;

export const seenTime = (): SeenTime => {
  let passedMs = 0;
  let positions: PositionSeen[] = [];
  let last: { readonly nowMs: number; readonly offset: number } | undefined;
  let steadySinceMs = -Infinity;

  const isGap = (nowMs: number): boolean => last !== undefined && nowMs - last.nowMs > GAP_MS;

  return {
    goOnFrom: (soFar) => {
      if (soFar) ({ passedMs, positions } = { ...soFar, positions: [...soFar.positions] });
    },
    see: ({ databaseNow, position }, nowMs) => {
      const offset = databaseNow - nowMs;
      if (last) {
        passedMs += Math.min(nowMs - last.nowMs, GAP_MS);
        if (isGap(nowMs) || Math.abs(offset - last.offset) > JUMP_MS) steadySinceMs = nowMs;
      }
      last = { nowMs, offset };
      const newest = positions.at(-1);
      // a log that has become shorter is another one
      if (newest && newest.position > position) positions = [];
      if (newest?.position !== position) positions.push({ position, passedMs });
      if (positions.length > THIN_AT) positions = [...thinned(positions, passedMs)];
    },
    isSteady: (nowMs, calmMs) => !isGap(nowMs) && nowMs - steadySinceMs >= calmMs,
    passedMs: () => passedMs,
    positionBefore: (ageMs) =>
      positions.findLast((seen) => passedMs - seen.passedMs >= ageMs)?.position,
    bands: (ageMs) =>
      positions
        .filter((seen) => passedMs - seen.passedMs >= ageMs)
        .map((seen, i) => ({
          after: positions[i - 1]?.position ?? -1n,
          upTo: seen.position,
          ageMs: Math.floor(passedMs - seen.passedMs),
        })),
    databaseNow: (nowMs) => (last ? Math.floor(last.offset + nowMs) : -Infinity),
    soFar: () => ({ passedMs: Math.floor(passedMs), positions: thinned(positions, passedMs) }),
  };
};
