import type { After } from '../../projections/reading/log-place';
import type { StoredBytes } from '../../projections/reading/log-scan';
import type { ServerName } from '../health/vitals';

/** Someone who gets every event of the log once, in order, in large batches, some seconds after it was appended. */
export type LogConsumer = {
  /** For logs and metrics. */
  readonly name: string;
  /** After which place it goes on. Asked before each round: another archivist may have done some of the work. */
  readonly position: () => Promise<After>;
  /**
   * Deals with the events after its position; resolves once they are kept for good, or in memory and will be
   * asked for again by whoever begins without it.
   *
   * @throws what may pass: it is given the events after its position again
   */
  readonly take: (batch: readonly StoredBytes[]) => Promise<void>;
  /** The server that an error of the two calls above tells of; undefined when another archivist was faster. */
  readonly serverAt: (error: unknown) => ServerName | undefined;
};
