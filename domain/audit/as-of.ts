import type { Instant, TimestampProblem } from '../time';
import { parseTimestamp } from '../time';

/** A moment of the past: a time, or a place in the log. Both inclusive. */
export type AsOf =
  | { readonly kind: 'time'; readonly at: Instant }
  | { readonly kind: 'position'; readonly position: bigint };

export type AsOfProblem = TimestampProblem | 'bad-position' | 'as-of-in-future';

/** Clocks differ and requests take time: a time so far ahead still means now. */
const GRACE_MS = 5_000;

/** Clocks of those who write the log differ by no more, and what they write is stored no later. */
export const CLOCK_SKEW_MS = 60_000;

const MAX_POSITION = 2n ** 63n - 1n;

/** Reads a user's RFC 3339 timestamp, not ahead of `now`, or a log position in digits. */
export const parseAsOf = (
  text: string,
  now: Instant,
): { readonly asOf: AsOf } | { readonly problem: AsOfProblem } => {
  if (/^\d+$/.test(text)) {
    const position = BigInt(text.slice(0, 20));
    return position > MAX_POSITION
      ? { problem: 'bad-position' }
      : { asOf: { kind: 'position', position } };
  }
  const parsed = parseTimestamp(text);
  if ('problem' in parsed) return parsed;
  return parsed.at > now + GRACE_MS
    ? { problem: 'as-of-in-future' }
    : { asOf: { kind: 'time', at: parsed.at } };
};

/** Whether something recorded at this time and place had happened by then. */
export const hadHappened = (
  { at, position }: { readonly at: Instant; readonly position: bigint },
  asOf: AsOf,
): boolean => (asOf.kind === 'time' ? at <= asOf.at : position <= asOf.position);

/** Whether a whole stream had happened by then, of which this is the last fact: an earlier one may carry a later time. */
export const hadSettled = (
  { at, position }: { readonly at: Instant; readonly position: bigint },
  asOf: AsOf,
): boolean => hadHappened({ at: at + CLOCK_SKEW_MS, position }, asOf);

/**
 * The facts of one stream as it stood then: those before the first one that had not happened. Clocks
 * differ, so a later fact may carry an earlier time; a stream never has gaps all the same.
 */
export const factsAsOf = <Fact extends { readonly at: Instant; readonly position: bigint }>(
  facts: readonly Fact[],
  asOf: AsOf,
): readonly Fact[] => {
  const end = facts.findIndex((fact) => !hadHappened(fact, asOf));
  return end === -1 ? facts : facts.slice(0, end);
};
