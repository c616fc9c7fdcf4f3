import { parseTimestamp, type Instant } from '../domain/time';
import { UsageError } from './verb';

/** An RFC 3339 timestamp. @throws UsageError */
export const instantFrom = (flag: string, text: string): Instant => {
  const parsed = parseTimestamp(text);
  if ('at' in parsed) return parsed.at;
  throw new UsageError(`--${flag} ${text} is no timestamp: write it as 2027-03-29T02:30:00Z`);
};

/** A whole number from `least` on. @throws UsageError */
export const wholeFrom = (flag: string, text: string, least = 1): number => {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : -1;
  if (value >= least) return value;
  throw new UsageError(`--${flag} ${text} is no whole number from ${least} on`);
};

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `250ms`, `30s`, `5m`, `1h`, `2d` or `0`, in milliseconds. @throws UsageError */
export const durationMsFrom = (flag: string, text: string): number => {
  const [, amount, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (text === '0') return 0;
  if (amount !== undefined) return Number(amount) * (unitMs[unit] ?? 0);
  throw new UsageError(`--${flag} ${text} is no duration: write it as 250ms, 30s, 5m, 1h or 2d`);
};
