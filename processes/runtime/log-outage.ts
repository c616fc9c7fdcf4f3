import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
  StreamContended,
} from '../../domain/event-log';

/** True for the errors of a command after which the same call again is right; a right that is missing may be given. */
export const isLogOutage = (error: unknown): boolean =>
  error instanceof EventLogUnavailable ||
  error instanceof AppendOutcomeUnknown ||
  (error instanceof EventLogRefused && error.because === 'access-denied');

/** The same for what says something of the log: a stream with too many writers is the fault of its job. */
export const isLogAway = (error: unknown): boolean =>
  isLogOutage(error) && !(error instanceof StreamContended);
