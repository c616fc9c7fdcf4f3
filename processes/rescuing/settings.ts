export type RescueCause = 'redispatched' | 'expired' | 'timed-out' | 'executor-lost';

export type RescuerMetrics = {
  readonly rescued: (cause: RescueCause) => void;
  /** Jobs whose messages wait in the broker for longer than they should: executors are slow or missing. */
  readonly waiting: (jobs: number) => void;
};

export type RescuerSettings = {
  readonly everyMs: number;
  /** How long a dispatched job may wait for its start before its message is looked for. */
  readonly startTimeoutMs: number;
  /** The same after the broker has come back empty: every message from before is gone. */
  readonly startTimeoutAfterLossMs: number;
  /** How long past its limit an attempt may still report. */
  readonly overdueGraceMs: number;
  /** Silence after which an executor is lost: three missed beats. */
  readonly silentMs: number;
  readonly pageSize: number;
  readonly concurrency: number;
};

export const rescuerDefaults: RescuerSettings = {
  everyMs: 1_000,
  startTimeoutMs: 30_000,
  startTimeoutAfterLossMs: 1_000,
  overdueGraceMs: 2_000,
  silentMs: 15_000,
  pageSize: 500,
  concurrency: 32,
};
