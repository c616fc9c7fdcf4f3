/** Jobs that are selected, changed and told of together: one event, one row. */
export const BATCH_ITEMS = 200;

/** Jobs that one operation may change. */
export const MAX_ITEMS = 250_000;

/** Jobs that may be named one by one: they stand in one append. */
export const MAX_NAMED_JOBS = 10_000;

/** By how much jobs may be moved, to earlier or to later. */
export const MAX_MOVE_MS = 366 * 24 * 60 * 60_000;
