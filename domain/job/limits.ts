import type { Instant } from '../time';

/** A due time up to this long ago means "now": clocks differ and requests take time. */
export const DUE_GRACE_MS = 5_000;

/** The last due time that may be asked for at `at`: the same instant of the next year (1 March after a 29 February). */
export const furthestDueAt = (at: Instant): Instant => {
  const date = new Date(at);
  return date.setUTCFullYear(date.getUTCFullYear() + 1);
};

/** Of texts, in code points. */
export const MAX_OWNER_LENGTH = 255;
export const MAX_TAG_LENGTH = 64;
/** Of the code of an error, as executors report it. */
export const MAX_ERROR_CODE_LENGTH = 100;
/** What a list is searched for. */
export const MAX_SEARCH_LENGTH = 200;
