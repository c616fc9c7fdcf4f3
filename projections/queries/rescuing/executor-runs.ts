import type { Knex } from 'knex';
import type { Instant } from '../../../domain/time';
import type { LiveAttempt } from './unfinished-jobs';

export type HeldRun = LiveAttempt & {
  readonly startedAt: Instant;
  readonly isAbortRequested: boolean;
};

/** What the read model says of one executor's runs. It may be behind: the stream decides. */
export type ExecutorRuns = {
  /** All that run on this executor; costs the same whatever runs on others. */
  readonly heldBy: (executorId: string) => Promise<readonly HeldRun[]>;
  /** Those that neither run on this executor nor may still be granted to it. */
  readonly doubtful: (
    executorId: string,
    runs: readonly LiveAttempt[],
    limit: number,
  ) => Promise<readonly LiveAttempt[]>;
};

type Row = {
  readonly job_id: string;
  readonly attempt: number;
  readonly started_at: Date;
  readonly abort_requested: boolean;
};

const HELD_BY = `
  select job_id, attempt, started_at, abort_requested from jobs
  where status = 'running' and executor_id = ?`;

const DOUBTFUL = `
  select j.job_id, r.attempt::integer as attempt
  from unnest(?::uuid[], ?::bigint[]) as r(job_id, attempt)
  join jobs j on j.job_id = r.job_id
  where j.attempt <> r.attempt
    or j.status not in ('scheduled', 'queued', 'running')
    or (j.status = 'running' and j.executor_id <> ?)
  limit ?`;

export const executorRuns = (db: Knex): ExecutorRuns => {
  const rows = async (text: string, values: readonly unknown[]): Promise<readonly Row[]> =>
    (await db.raw<{ rows: readonly Row[] }>(text, values as never)).rows;
  return {
    heldBy: async (executorId) =>
      (await rows(HELD_BY, [executorId])).map((row) => ({
        jobId: row.job_id,
        attempt: row.attempt,
        startedAt: row.started_at.getTime(),
        isAbortRequested: row.abort_requested,
      })),
    doubtful: async (executorId, runs, limit) => {
      if (runs.length === 0) return [];
      const ids = runs.map(({ jobId }) => jobId);
      const attempts = runs.map(({ attempt }) => attempt);
      return (await rows(DOUBTFUL, [ids, attempts, executorId, limit])).map((row) => ({
        jobId: row.job_id,
        attempt: row.attempt,
      }));
    },
  };
};
