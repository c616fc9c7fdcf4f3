import { contained as containedBy, type Contained, type Done } from '../runtime/contained';
import type { Logger } from '../runtime/logger';
import { isLogAway } from '../runtime/log-outage';
import type { Timers } from '../runtime/timers';
import type { RescuerMetrics, SearchName } from './metrics';

/** The broker does not answer, or takes nothing from anybody: that is the fault of no job. */
export class BrokerAway extends Error {
  override readonly name = 'BrokerAway';
}

export type ContainedDeps = {
  readonly logger: Logger;
  readonly metrics: RescuerMetrics;
  readonly timers: Timers;
  /** Jobs under way at once. */
  readonly concurrency: number;
};

export type Helped = Done;

/** Work on many jobs, in which one that cannot be helped is counted, logged once and put off. */
export const contained = (
  search: SearchName,
  { logger, metrics, timers, concurrency }: ContainedDeps,
): Contained<{ readonly jobId: string }> =>
  containedBy({
    ...{ timers, concurrency },
    idOf: ({ jobId }) => jobId,
    isOutage: (error) => error instanceof BrokerAway || isLogAway(error),
    onFault: ({ jobId }, error, times) => {
      metrics.fault(search);
      if (times === 1)
        logger.warn({ err: error, jobId, search }, 'a job cannot be rescued now; it is put off');
    },
  });
