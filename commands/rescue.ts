import type { JobCommand } from '../domain/job/commands';
import type { JobError } from '../domain/job/definition';
import type { KnownJob } from '../domain/job/state';
import type { Instant } from '../domain/time';
import { loadJob } from './job-stream';
import { readAndDecide, type AttemptDeps } from './process-order';

/** `stale`: somebody else was faster, or the attempt is over; nothing was recorded. */
export type RescueCommands = {
  /** @param seenMs  for how long the attempt was seen to run, at least */
  readonly timeOut: (
    jobId: string,
    attempt: number,
    seenMs: number,
  ) => Promise<'done' | 'stale' | 'too-early'>;
  readonly loseExecutor: (
    jobId: string,
    attempt: number,
    executorId: string,
  ) => Promise<'done' | 'stale'>;
  /** `startedAt` is that of the grant that its executor does not know of. */
  readonly loseGrant: (
    jobId: string,
    attempt: number,
    executorId: string,
    startedAt: Instant,
  ) => Promise<'done' | 'stale'>;
  readonly expire: (jobId: string) => Promise<'done' | 'stale'>;
  /** Ends an attempt whose message no executor can get. */
  readonly failDelivery: (
    jobId: string,
    attempt: number,
    error: JobError,
  ) => Promise<'done' | 'stale'>;
  /** The job by its stream, for when the read model does not follow; undefined when there is none. */
  readonly look: (jobId: string) => Promise<KnownJob | undefined>;
};

const rescuer = { kind: 'system', id: 'rescuer' } as const;

type Undated<Command> = Command extends unknown ? Omit<Command, 'at' | 'draw'> : never;

export const rescueCommands = (deps: AttemptDeps): RescueCommands => {
  const rescue = async (
    jobId: string,
    seed: readonly string[],
    command: Undated<JobCommand>,
  ): Promise<'done' | 'stale' | 'too-early'> => {
    const order = { jobId, actor: rescuer, seed };
    const done = await readAndDecide(deps, order, (at) => ({ ...command, at, draw: deps.draw() }));
    if (done.outcome === 'rejected')
      return done.rejection.code === 'too-early' ? 'too-early' : 'stale';
    return done.events.length > 0 ? 'done' : 'stale';
  };
  const settle = async (...asked: Parameters<typeof rescue>): Promise<'done' | 'stale'> =>
    (await rescue(...asked)) === 'done' ? 'done' : 'stale';

  return {
    timeOut: (jobId, attempt, seenMs) =>
      rescue(jobId, ['time-out', String(attempt)], { type: 'TimeOutAttempt', attempt, seenMs }),
    loseExecutor: (jobId, attempt, executorId) =>
      settle(jobId, ['lose', String(attempt), executorId], {
        type: 'LoseExecutor',
        attempt,
        executorId,
      }),
    loseGrant: (jobId, attempt, executorId, startedAt) =>
      settle(jobId, ['lose-grant', String(attempt), executorId], {
        type: 'LoseGrant',
        attempt,
        executorId,
        startedAt,
      }),
    expire: (jobId) => settle(jobId, ['expire'], { type: 'ExpireJob' }),
    failDelivery: (jobId, attempt, error) =>
      settle(jobId, ['fail-delivery', String(attempt)], { type: 'FailDelivery', attempt, error }),
    look: async (jobId) => {
      const { state } = await loadJob(deps.log, jobId);
      return state.status === 'none' ? undefined : state;
    },
  };
};
