import { AppendOutcomeUnknown, EventLogUnavailable } from '../commands/ports';

/** True for the errors of a command after which the same call again is right. */
export const isLogOutage = (error: unknown): boolean =>
  error instanceof EventLogUnavailable || error instanceof AppendOutcomeUnknown;
