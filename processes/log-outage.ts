import { AppendOutcomeUnknown, EventLogRefused, EventLogUnavailable } from '../commands/ports';

/** True for the errors of a command after which the same call again is right; a right that is missing may be given. */
export const isLogOutage = (error: unknown): boolean =>
  error instanceof EventLogUnavailable ||
  error instanceof AppendOutcomeUnknown ||
  (error instanceof EventLogRefused && error.because === 'access-denied');
