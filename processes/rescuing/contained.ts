import type { Logger } from '../runtime/logger';
import { isLogAway } from '../runtime/log-outage';
import type { Timers } from '../runtime/timers';
import { putOff } from './put-off';
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

/** `settled`: nothing is left to do. `again`: later, for the row may follow by then. `skipped`: nothing was tried. */
export type Helped = 'settled' | 'again' | 'skipped';

/** Work on many jobs in which one that fails holds up no other. */
export type Contained = {
  /**
   * Works on those that are not put off; what fails is counted, logged once and put off.
   *
   * @param work  is told how often the job was put off before
   * @throws the outage of log or broker, when there was one and not a single job got an answer
   */
  readonly each: <Job extends { readonly jobId: string }>(
    jobs: readonly Job[],
    work: (job: Job, times: number) => Promise<Helped>,
  ) => Promise<void>;
  /** How many jobs are put off: a page must be longer by as many. */
  readonly size: () => number;
};

const isOutage = (error: unknown): boolean => error instanceof BrokerAway || isLogAway(error);

export const contained = (search: SearchName, deps: ContainedDeps): Contained => {
  const { logger, metrics, timers, concurrency } = deps;
  const waiting = putOff();

  const fail = (jobId: string, error: unknown): void => {
    metrics.fault(search);
    if (waiting.add(jobId, timers.monotonicMs()) === 1)
      logger.warn({ err: error, jobId, search }, 'a job cannot be rescued now; it is put off');
  };

  return {
    each: async (jobs, work) => {
      const nowMs = timers.monotonicMs();
      const due = jobs
        .filter(({ jobId }) => !waiting.isPutOff(jobId, nowMs))
        // those that have failed come last: they may be all that keeps the log from answering
        .sort((a, b) => waiting.times(a.jobId) - waiting.times(b.jobId));
      const outages: { readonly jobId: string; readonly error: unknown }[] = [];
      let answered = 0;

      const one = async (job: (typeof due)[number]): Promise<void> => {
        try {
          const helped = await work(job, waiting.times(job.jobId));
          if (helped === 'skipped') return;
          answered += 1;
          if (helped === 'settled') waiting.settle(job.jobId);
          else waiting.add(job.jobId, timers.monotonicMs());
        } catch (error) {
          if (isOutage(error)) outages.push({ jobId: job.jobId, error });
          else {
            answered += 1; // the log has answered, and that is what it holds
            fail(job.jobId, error);
          }
        }
      };
      const rest = due[Symbol.iterator]();
      const worker = async (): Promise<void> => {
        for (const job of rest) {
          await one(job);
          if (answered === 0 && outages.length >= concurrency) return;
        }
      };
      await Promise.all(Array.from({ length: Math.min(concurrency, due.length) }, worker));

      const [first] = outages;
      if (!first) return;
      if (answered > 0) for (const { jobId, error } of outages) fail(jobId, error);
      else {
        for (const { jobId } of outages) waiting.addBriefly(jobId, timers.monotonicMs());
        throw first.error;
      }
    },
    size: waiting.size,
  };
};
