/** One event that nobody reads: see docs/events.md. */
export const APPEND_TRIED = 'AppendTried';

/** The stream of one trial; no job's, so the projection never asks for it. */
export const trialStream = (id: string): string => `punctual-trial-${id}`;
