import type { StoredBytes } from '../../projections/log-scan';

/** Someone who gets every event of the log once, in order, in large batches, some seconds after it was appended. */
export type LogConsumer = {
  /** For logs and metrics. */
  readonly name: string;
  /** After which position it goes on; read from where it is kept, and again after every fault. */
  readonly position: () => Promise<bigint | 'start'>;
  /**
   * Deals with the events after its position; resolves once they are kept for good, or will come again because
   * `position` does not cover them yet.
   *
   * @throws what may pass: everybody begins anew from their positions
   */
  readonly take: (batch: readonly StoredBytes[]) => Promise<void>;
};
