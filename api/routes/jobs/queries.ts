import type { JobHistory } from '../../../commands/job-history';
import type { Clock } from '../../../domain/time';
import type { JobQueries } from '../../../projections/queries/jobs';
import { isJobId } from '../../../domain/ids';
import type { JobView } from '../../../domain/job/view';
import { readAsOf } from '../../http/as-of';
import { RETRY_AFTER } from '../../http/failures';
import type { UnlessHistoryGone } from './gone-job';
import { etagOf } from './answers';
import { optional, readId, readPosition } from '../../http/parameters';
import { actorOf, isOperator, type Principal } from '../../access/principal';
import type { Refusal } from '../../http/problem';
import type { Answer, Route } from '../../http/route';
import { historySchema, jobSchema } from '../../schemas/job-answers';
import { isFresh, lagHeader, lagHeaderAnswer, type QueryFreshness } from '../../http/staleness';
import type { StreamReads } from '../../access/stream-reads';
import { afterParameter, asOfParameter, JOB_ROLES } from '../described';

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
  principal: Principal,
): Promise<JobView | Refusal> => {
  if (!isJobId(jobId)) return { code: 'job-not-found' };
  const read = await streamReads(principal.id, () => history.state(jobId, actorOf(principal)));
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
  produces: 'application/json',
  parameters: [afterParameter, asOfParameter],
  answers: [
    {
      status: 200,
      description:
        'The job as the read model has it, or the log where the read model is not there yet.',
      schema: jobSchema,
      headers: { ETag: 'The revision of the job.', ...lagHeaderAnswer },
    },
  ],
  handle: async (call) => {
    const id = readId(call.params['jobId'] ?? '', 'jobId');
    if ('refusal' in id) return id.refusal;
    const { jobs, history, freshness, clock, unlessGone } = deps;
    const asOf = readAsOf(call, clock);
    if ('refusal' in asOf) return asOf.refusal;
    const fresh = await isFresh(call, freshness);
    if ('refusal' in fresh) return fresh.refusal;
    if (asOf.value !== undefined) {
      const { value: moment } = asOf;
      return await unlessGone(id.value, call.principal, async () => {
        const then = await history.stateAsOf(id.value, actorOf(call.principal), moment);
        return then ? { status: 200, body: then } : { code: 'job-not-found' };
      });
    }
    const job = fresh.value ? await jobs.one(id.value) : undefined;
    const isVisible = job && (isOperator(call.principal) || job.ownerId === call.principal.id);
    if (isVisible) return jobAnswer(job, freshness.lag()?.ms);
    return await unlessGone(id.value, call.principal, async () => {
      const found = await fromStream(deps, id.value, call.principal);
      return 'code' in found ? found : jobAnswer(found, 0);
    });
  },
});

export const historyRoute = (
  history: Pick<JobHistory, 'events'>,
  clock: Clock,
  unlessGone: UnlessHistoryGone,
): Route => ({
  method: 'GET',
  path: '/v1/jobs/{jobId}/events',
  operationId: 'getJobHistory',
  summary: 'Read what happened to a job',
  roles: JOB_ROLES,
  produces: 'application/json',
  // the log itself answers: it is never behind
  parameters: [afterParameter, asOfParameter],
  answers: [{ status: 200, description: 'Everything, from the log.', schema: historySchema }],
  handle: async (call) => {
    const id = readId(call.params['jobId'] ?? '', 'jobId');
    if ('refusal' in id) return id.refusal;
    const after = optional(call.query, 'after', readPosition);
    if ('refusal' in after) return after.refusal;
    const asOf = readAsOf(call, clock);
    if ('refusal' in asOf) return asOf.refusal;
    return await unlessGone(id.value, call.principal, async () => {
      const events = await history.events(id.value, actorOf(call.principal), asOf.value);
      return events ? { status: 200, body: { events } } : { code: 'job-not-found' };
    });
  },
});
