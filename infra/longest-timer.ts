/** A timer of Node's that is to wait for longer does not wait at all. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;
