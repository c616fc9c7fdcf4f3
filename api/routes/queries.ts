import type { JobHistory } from '../../commands/job-history';
import type { JobQueries } from '../../projections/queries/jobs';
import { etagOf } from '../job-answers';
import { optional, readId, readPosition } from '../parameters';
import { actorOf, isOperator } from '../principal';
import type { Route } from '../route';
import { historySchema, jobSchema } from '../schemas/job-answers';
import { staleness, type QueryFreshness } from '../staleness';
import { afterParameter, JOB_ROLES } from './described';

export const oneRoute = (jobs: Pick<JobQueries, 'one'>, freshness: QueryFreshness): Route => ({
  method: 'GET',
  path: '/v1/jobs/{jobId}',
  operationId: 'getJob',
  summary: 'Read a job',
  roles: JOB_ROLES,
  produces: 'application/json',
  parameters: [afterParameter],
  answers: [
    {
      status: 200,
      description: 'The job as the read model has it.',
      schema: jobSchema,
      headers: { ETag: 'The revision of the job.' },
    },
  ],
  handle: async (call) => {
    const id = readId(call.params['jobId'] ?? '', 'jobId');
    if ('refusal' in id) return id.refusal;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const job = await jobs.one(id.value);
    const isVisible = job && (isOperator(call.principal) || job.ownerId === call.principal.id);
    if (!isVisible) return { code: 'job-not-found' };
    return { status: 200, body: job, headers: { ETag: etagOf(job.revision) } };
  },
});

export const historyRoute = (history: JobHistory): Route => ({
  method: 'GET',
  path: '/v1/jobs/{jobId}/events',
  operationId: 'getJobHistory',
  summary: 'Read what happened to a job',
  roles: JOB_ROLES,
  produces: 'application/json',
  // the log itself answers: it is never behind
  parameters: [afterParameter],
  answers: [{ status: 200, description: 'Everything, from the log.', schema: historySchema }],
  handle: async (call) => {
    const id = readId(call.params['jobId'] ?? '', 'jobId');
    if ('refusal' in id) return id.refusal;
    const after = optional(call.query, 'after', readPosition);
    if ('refusal' in after) return after.refusal;
    const events = await history(id.value, actorOf(call.principal));
    return events ? { status: 200, body: { events } } : { code: 'job-not-found' };
  },
});
