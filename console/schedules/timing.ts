import type { Timing } from './repeats';

/** A rule as it is written. */
export const timingText = ({ cron, rrule, every }: Timing): string =>
  cron ?? every ?? (rrule ?? '').split('\n').at(-1) ?? '';
