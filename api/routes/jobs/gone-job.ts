import type { JobHistory } from '../../../commands/job-history';
import { JobHistoryGone } from '../../../commands/job-stream';
import type { JobView } from '../../../domain/job/view';
import type { JobQueries } from '../../../projections/queries/jobs';
import { actorOf, isOperator } from '../../access/principal';
import type { Refusal } from '../../http/problem';
import type { Answer, Call } from '../../http/route';

export type GoneJobDeps = {
  readonly jobs: Pick<JobQueries, 'one'>;
  readonly history: Pick<JobHistory, 'events'>;
};

type Told = Answer | Refusal;

type Gone = { readonly firstRevision: bigint | undefined };

/** Since when the job stands as it does, as far as its row tells: a due time may have been moved at any time. */
const sinceOf = ({ status, finishedAt, startedAt, dispatchedAt }: JobView): string | null => {
  switch (status) {
    case 'scheduled':
      return null;
    case 'queued':
      return dispatchedAt;
    case 'running':
      return startedAt;
    default:
      return finishedAt;
  }
};

const refusalOf = (jobId: string, { firstRevision }: Gone, row: JobView | undefined): Refusal => ({
  code: 'job-history-gone',
  members: {
    jobId,
    ...(firstRevision !== undefined && { firstRevision: Number(firstRevision) }),
    ...(row && {
      lastKnown: { status: row.status, since: sinceOf(row), revision: row.revision },
    }),
  },
});

const goneIn = async (call: () => Promise<unknown>): Promise<Gone | undefined> => {
  try {
    return (await call()) === undefined ? { firstRevision: undefined } : undefined;
  } catch (error) {
    if (error instanceof JobHistoryGone) return { firstRevision: error.firstRevision };
    throw error;
  }
};

/**
 * The answer that the log gives of a job, or 410 where the log no longer has what the read model once read there:
 * whoever may see its row is told that the history is gone, to all others it is no job.
 */
export const unlessHistoryGone =
  ({ jobs, history }: GoneJobDeps) =>
  async (jobId: string, { principal, inTime }: Call, tell: () => Promise<Told>): Promise<Told> => {
    const rowOf = () => inTime(() => jobs.one(jobId), 'read-model-unavailable');
    const visible = (row: JobView | undefined): row is JobView =>
      row !== undefined && (isOperator(principal) || row.ownerId === principal.id);
    let told: Told;
    try {
      told = await tell();
    } catch (error) {
      if (!(error instanceof JobHistoryGone)) throw error;
      const row = await rowOf();
      return visible(row) || isOperator(principal)
        ? refusalOf(jobId, error, row)
        : { code: 'job-not-found' };
    }
    if (!('code' in told && told.code === 'job-not-found')) return told;
    const row = await rowOf().catch(() => undefined); // without a read model nobody knows better
    if (!visible(row)) return told;
    // it may be there, and only not have been at the time that was asked for
    const gone = await goneIn(() =>
      inTime(() => history.events(jobId, actorOf(principal)), 'event-log-unavailable'),
    );
    return gone ? refusalOf(jobId, gone, row) : told;
  };

export type UnlessHistoryGone = ReturnType<typeof unlessHistoryGone>;
