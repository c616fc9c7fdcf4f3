import type { Clock } from '../domain/time';

/** What a server says that the time is, and how far it may be off by the way it says it, in ms; undefined when it does not tell. */
export type ServerTime = () => Promise<
  { readonly nowMs: number; readonly withinMs: number } | undefined
>;

/** Due times are to the millisecond; a second off is a clock that nobody sets. */
export const SKEW_LIMIT_MS = 1_000;

/**
 * How far a server's clock is ahead of ours at least, in ms; below 0 when it is behind. What the way of the answer may
 * explain is left out. Undefined for a server that does not tell its time.
 */
export const skewOf = async (
  time: ServerTime,
  { clock, monotonicMs }: { readonly clock: Clock; readonly monotonicMs: () => number },
): Promise<number | undefined> => {
  const sentMs = monotonicMs();
  const told = await time();
  if (!told) return undefined;
  const halfWayMs = (monotonicMs() - sentMs) / 2;
  const apartMs = told.nowMs - (clock.now() - halfWayMs);
  const certainMs = Math.max(0, Math.abs(apartMs) - told.withinMs - halfWayMs);
  return Math.round(Math.sign(apartMs) * certainMs);
};
