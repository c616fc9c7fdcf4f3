import type { Clock } from '../domain/time';

/** The wall clock of this machine: it may jump, and differ from the database's. */
export const systemClock: Clock = { now: () => Date.now() };
