import { offsetMs } from './format';

const DAY_MS = 24 * 60 * 60_000;
const DAYS_AHEAD = 400;

/** Clocks of a zone go forward, and leave a time out, or back, and show one twice. */
export type ClockChange = {
  /** To the minute. */
  readonly at: number;
  /** By how much: above 0 where they go forward. */
  readonly byMs: number;
};

const changeAfter = (zone: string, from: number, until: number): ClockChange | undefined => {
  const now = offsetMs(from, zone);
  let [before, after] = [from, from];
  while (after < until && offsetMs(after, zone) === now) [before, after] = [after, after + DAY_MS];
  if (offsetMs(after, zone) === now) return undefined;
  while (after - before > 60_000) {
    const middle = (before + after) / 2;
    if (offsetMs(middle, zone) === now) before = middle;
    else after = middle;
  }
  const at = Math.floor(after / 60_000) * 60_000; // the one whole minute of what is left
  return { at, byMs: offsetMs(at, zone) - now };
};

/** The next time that clocks of a zone go forward, and back, as far as this browser knows; undefined in the coming year. */
export type ClockChanges = {
  readonly forward: ClockChange | undefined;
  readonly back: ClockChange | undefined;
};

export const clockChanges = (zone: string, from: number): ClockChanges => {
  const until = from + DAYS_AHEAD * DAY_MS;
  const found: ClockChange[] = [];
  for (
    let change = changeAfter(zone, from, until);
    change;
    change = changeAfter(zone, change.at, until)
  )
    found.push(change);
  return {
    forward: found.find(({ byMs }) => byMs > 0),
    back: found.find(({ byMs }) => byMs < 0),
  };
};
