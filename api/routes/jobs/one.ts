import type { JobHistory } from '../../../commands/job-history';
import { isJobId } from '../../../domain/ids';
import type { JobView } from '../../../domain/job/view';
import type { Clock } from '../../../domain/time';
import type { JobQueries } from '../../../projections/queries/jobs';
import { actorOf, isOperator } from '../../access/principal';
import type { StreamReads } from '../../access/stream-reads';
import { RETRY_AFTER } from '../../http/failures';
import { jobIdOf, readAsOf, together } from '../../http/parameters';
import type { Refusal } from '../../http/problem';
import type { Answer, Call, Route } from '../../http/route';
import { isFresh, lagHeader, lagHeaderAnswer, type QueryFreshness } from '../../http/staleness';
import { jobSchema } from '../../schemas/job-answers';
import { afterParameter, answered, asOfParameter, JOB_ROLES } from '../described';
import { etagOf } from './answers';
import type { UnlessHistoryGone } from './gone-job';

export type OneDeps = {
  readonly jobs: Pick<JobQueries, 'one'>;
  readonly history: Pick<JobHistory, 'state' | 'stateAsOf'>;
  readonly streamReads: StreamReads;
  readonly freshness: QueryFreshness;
  readonly clock: Clock;
  readonly unlessGone: UnlessHistoryGone;
};

/**
 * The log knows a job before the read model does. What is asked for and not to be seen goes the same way, so that a
 * foreign job answers like an unknown one.
 */
const fromStream = async (
  { history, streamReads }: OneDeps,
  jobId: string,
  { principal, inTime }: Call,
): Promise<JobView | Refusal> => {
  if (!isJobId(jobId)) return { code: 'job-not-found' };
  const read = await streamReads(principal.id, () =>
    inTime(() => history.state(jobId, actorOf(principal))),
  );
  if (!read) return { code: 'projection-behind', headers: RETRY_AFTER };
  return read.value ?? { code: 'job-not-found' };
};

const jobAnswer = (job: JobView, lagMs: number | undefined): Answer => ({
  status: 200,
  body: job,
  headers: { ETag: etagOf(job.revision), ...lagHeader(lagMs) },
});

export const oneRoute = (deps: OneDeps): Route => ({
  method: 'GET',
  path: '/v1/jobs/{jobId}',
  operationId: 'getJob',
  summary: 'Read a job',
  roles: JOB_ROLES,
  parameters: [afterParameter, asOfParameter],
  answers: answered(
    'The job as the read model has it, or the log where the read model is not there yet.',
    jobSchema,
    { headers: { ETag: 'The revision of the job.', ...lagHeaderAnswer } },
  ),
  late: 'event-log-unavailable',
  handle: async (call) => {
    const { jobs, history, freshness, clock, unlessGone } = deps;
    const read = together({ jobId: jobIdOf(call), asOf: readAsOf(call, clock) });
    if ('refusal' in read) return read.refusal;
    const { jobId, asOf } = read.value;
    const { principal, inTime } = call;
    const fresh = await isFresh(call, freshness);
    if ('refusal' in fresh) return fresh.refusal;
    if (asOf !== undefined)
      return await unlessGone(jobId, call, async () => {
        const then = await inTime(() => history.stateAsOf(jobId, actorOf(principal), asOf));
        return then ? { status: 200, body: then } : { code: 'job-not-found' };
      });
    const job = fresh.value
      ? await inTime(() => jobs.one(jobId), 'read-model-unavailable')
      : undefined;
    const isVisible = job && (isOperator(principal) || job.ownerId === principal.id);
    if (isVisible) return jobAnswer(job, freshness.lag()?.ms);
    return await unlessGone(jobId, call, async () => {
      const found = await fromStream(deps, jobId, call);
      return 'code' in found ? found : jobAnswer(found, 0);
    });
  },
});
