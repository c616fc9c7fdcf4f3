import { markOf, type EventAt, type LogPlace } from '../../projections/reading/log-place';

/** Looks into a log that is in memory, in the order of its positions. */
export const eventAtOf =
  (log: () => readonly (LogPlace & { readonly id: string })[]): EventAt =>
  ({ position }) => {
    const found = log().find((event) => event.position >= position);
    return Promise.resolve(found && markOf(found));
  };
