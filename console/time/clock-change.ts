const DAY_MS = 24 * 60 * 60_000;
const DAYS_AHEAD = 400;

/** By how much clocks of a zone are ahead of UTC. */
const offsetsOf = (zone: string): ((at: number) => string) => {
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  return (at) =>
    format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
};

/** When clocks of a zone change next, to the minute, as far as this browser knows; undefined in the coming year. */
export const nextClockChange = (zone: string, from: number): number | undefined => {
  const offsetAt = offsetsOf(zone);
  let [before, after] = [from, from];
  const now = offsetAt(from);
  for (let days = 1; days <= DAYS_AHEAD; days += 1) {
    after = from + days * DAY_MS;
    if (offsetAt(after) !== now) break;
    before = after;
  }
  if (before === after) return undefined;
  while (after - before > 60_000) {
    const middle = (before + after) / 2;
    if (offsetAt(middle) === now) before = middle;
    else after = middle;
  }
  return Math.round(after / 60_000) * 60_000;
};
