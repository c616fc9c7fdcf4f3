import type { Log } from './log';

/** One line for the first failure, then at most one in this time. */
const quietMs = 5_000;

/**
 * Logs failures that come by the hundred when storage is away: the first one at once, then one line in some
 * seconds with the count since the last.
 */
export const failureLog = (log: Log, nowMs: () => number, message: string) => {
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  let failures = 0;
  return (error: unknown, fields: Record<string, unknown> = {}): void => {
    failures += 1;
    if (nowMs() - loggedAtMs < quietMs) return;
    log('warn', message, { ...fields, failures, error: String(error) });
    loggedAtMs = nowMs();
    failures = 0;
  };
};

export type FailureLog = ReturnType<typeof failureLog>;
