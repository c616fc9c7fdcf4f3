/** A run that starts later than this may be missed, whatever the rule: what is on the way gets so much time. */
export const MISSED_AFTER_MS = 60_000;

/** Occurrences that one decision plans at most; the next decision goes on. */
export const MAX_PLANNED = 500;

/** Occurrences that one backfill may have: they stand in one event. */
export const MAX_BACKFILLED = 500;

/** Single occurrences that may be cancelled or moved ahead of their time. */
export const MAX_EXCEPTIONS = 200;
