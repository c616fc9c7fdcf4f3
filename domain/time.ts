/** Milliseconds since the Unix epoch, UTC. The domain never asks for it: it is told. */
export type Instant = number;

export type Clock = { readonly now: () => Instant };

/** An instant as events and answers write it: RFC 3339, UTC, milliseconds (`2026-11-23T10:00:00.000Z`). Sorts as text. */
export type Timestamp = string;

export const toTimestamp = (at: Instant): Timestamp => new Date(at).toISOString();

/** Reads a timestamp that we wrote. For a user's text use `parseTimestamp`. */
export const fromTimestamp = (timestamp: Timestamp): Instant => Date.parse(timestamp);

export type TimestampProblem = 'bad-timestamp' | 'offset-required';

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})?$/;

const daysIn = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate();

const offsetMs = (text: string): number | undefined => {
  if (text === 'Z' || text === 'z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
};

/**
 * Reads a user's RFC 3339 timestamp strictly, where `Date` would guess: no rolled-over days, no
 * missing offset, no leap second, no 24:00. Fractions beyond the millisecond are cut.
 */
export const parseTimestamp = (
  text: string,
): { readonly at: Instant } | { readonly problem: TimestampProblem } => {
  const parts = RFC_3339.exec(text);
  if (!parts) return { problem: 'bad-timestamp' };
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map(Number);
  const isReal =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 59;
  if (!isReal) return { problem: 'bad-timestamp' };
  if (parts[8] === undefined) return { problem: 'offset-required' };
  const offset = offsetMs(parts[8]);
  if (offset === undefined) return { problem: 'bad-timestamp' };
  const ms = Number((parts[7] ?? '').slice(0, 3).padEnd(3, '0'));
  const at = Date.UTC(year, month - 1, day, hour, minute, second, ms) - offset;
  // Date.UTC reads years 0 to 99 as 1900 to 1999, and a year below 0 or above 9999 has no such text
  const isWritable = year >= 100 && at < Date.UTC(10_000, 0);
  return isWritable ? { at } : { problem: 'bad-timestamp' };
};
