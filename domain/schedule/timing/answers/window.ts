import type { Instant } from '../../../time';

/** Later than `after`, and not later than `until`. */
export type Window = { readonly after: Instant; readonly until: Instant };

/** The first second of what lies later than an instant. */
export const secondAfter = (after: Instant): number => Math.floor(after / 1_000) + 1;

/** A window in seconds, from `from` on, up to but without `to`. */
export const secondsOf = ({
  after,
  until,
}: Window): { readonly from: number; readonly to: number } => ({
  from: secondAfter(after),
  to: secondAfter(until),
});
