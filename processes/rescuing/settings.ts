export type RescuerSettings = {
  readonly everyMs: number;
  /** How long a dispatched job may wait for its start before its message is looked for. */
  readonly startTimeoutMs: number;
  /** The same after the broker has come back empty: every message from before is gone. */
  readonly startTimeoutAfterLossMs: number;
  /** How long past its limit an attempt may still report. */
  readonly overdueGraceMs: number;
  /** How long those who were stopped have for a report, once all run again, before anything is over its limit. */
  readonly freshStartMs: number;
  /** Silence after which an executor is lost: three missed beats. */
  readonly silentMs: number;
  /** How often one attempt is sent before it is given up: a message that vanishes each time has its reason. */
  readonly maxDeliveries: number;
  /** Most time between two comparisons with the broker; they come the more often the less they cost. */
  readonly compareEveryMs: number;
  readonly pageSize: number;
  readonly concurrency: number;
};

export const rescuerDefaults: RescuerSettings = {
  everyMs: 1_000,
  startTimeoutMs: 30_000,
  startTimeoutAfterLossMs: 1_000,
  overdueGraceMs: 2_000,
  freshStartMs: 5_000,
  silentMs: 15_000,
  maxDeliveries: 10,
  compareEveryMs: 20_000,
  pageSize: 500,
  concurrency: 32,
};
