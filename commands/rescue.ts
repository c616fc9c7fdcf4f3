import type { JobCommand } from '../domain/job/commands';
import type { Instant } from '../domain/time';
import { readAndDecide, type AttemptDeps } from './process-order';

/** `stale`: somebody else was faster, or the attempt is over; nothing was recorded. */
export type RescueCommands = {
  readonly timeOut: (jobId: string, attempt: number) => Promise<'done' | 'stale' | 'too-early'>;
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
    timeOut: (jobId, attempt) =>
      rescue(jobId, ['time-out', String(attempt)], (at) => ({
        type: 'TimeOutAttempt',
        at,
        attempt,
        draw: deps.draw(),
      })),
    loseExecutor: async (jobId, attempt, executorId) =>
      settled(
        await rescue(jobId, ['lose', String(attempt), executorId], (at) => ({
          type: 'LoseExecutor',
          at,
          attempt,
          executorId,
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
  };
};
