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

export const rescueCommands = (deps: AttemptDeps): RescueCommands => {
  const rescue = async (
    jobId: string,
    seed: readonly string[],
    command: (at: Instant) => JobCommand,
  ): Promise<'done' | 'stale' | 'too-early'> => {
    const done = await readAndDecide(deps, { jobId, actor: rescuer, seed }, command);
    if (done.outcome === 'rejected')
      return done.rejection.code === 'too-early' ? 'too-early' : 'stale';
    return done.events.length > 0 ? 'done' : 'stale';
  };
  const settled = (outcome: 'done' | 'stale' | 'too-early'): 'done' | 'stale' =>
    outcome === 'done' ? 'done' : 'stale';

  return {
    timeOut: (jobId, attempt, seenMs) =>
      rescue(jobId, ['time-out', String(attempt)], (at) => ({
        ...{ type: 'TimeOutAttempt', at, attempt, seenMs },
        draw: deps.draw(),
      })),
    loseExecutor: async (jobId, attempt, executorId) =>
      settled(
        await rescue(jobId, ['lose', String(attempt), executorId], (at) => ({
          ...{ type: 'LoseExecutor', at, attempt, executorId },
          draw: deps.draw(),
        })),
      ),
    loseGrant: async (jobId, attempt, executorId, startedAt) =>
      settled(
        await rescue(jobId, ['lose-grant', String(attempt), executorId], (at) => ({
          type: 'LoseGrant',
          at,
          attempt,
          executorId,
          startedAt,
          draw: deps.draw(),
        })),
      ),
    expire: async (jobId) =>
      settled(await rescue(jobId, ['expire'], (at) => ({ type: 'ExpireJob', at }))),
    failDelivery: async (jobId, attempt, error) =>
      settled(
        await rescue(jobId, ['fail-delivery', String(attempt)], (at) => ({
          ...{ type: 'FailDelivery', at, attempt, error },
          draw: deps.draw(),
        })),
      ),
    look: async (jobId) => {
      const { state } = await loadJob(deps.log, jobId);
      return state.status === 'none' ? undefined : state;
    },
  };
};
