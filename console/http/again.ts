import { isAway, Problem } from './problem';

const FIRST_MS = 500;
const MOST_MS = 8_000;

/** Twice as long after each failure. */
export const pauseMs = (failures: number): number => Math.min(FIRST_MS * 2 ** failures, MOST_MS);

const READ_AGAIN = 4;
const SENT_AGAIN = 3;

/** A refusal stays one, however often it is asked for; what is away is asked for as long as somebody looks. */
export const isReadAgain = (failures: number, error: Error): boolean =>
  isAway(error) || (failures < READ_AGAIN && error instanceof Problem && error.status >= 500);

/** Nobody wants a change to happen long after he gave up waiting for it. */
export const isSentAgain = (failures: number, error: Error): boolean =>
  failures < SENT_AGAIN && isAway(error);
