import type { JobHistory } from '../../commands/job-history';
import type { Clock } from '../../commands/ports';
import type { JobQueries } from '../../projections/queries/jobs';
import { readAsOf } from '../as-of';
import { etagOf } from '../job-answers';
import { optional, readId, readPosition } from '../parameters';
import { actorOf, isOperator } from '../principal';
import type { Route } from '../route';
import { historySchema, jobSchema } from '../schemas/job-answers';
import { staleness, type QueryFreshness } from '../staleness';
import { afterParameter, asOfParameter, JOB_ROLES } from './described';

export type OneDeps = {
  readonly jobs: Pick<JobQueries, 'one'>;
  readonly history: Pick<JobHistory, 'stateAsOf'>;
  readonly freshness: QueryFreshness;
  readonly clock: Clock;
};

export const oneRoute = ({ jobs, history, freshness, clock }: OneDeps): Route => ({
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
      description: 'The job as the read model has it.',
      schema: jobSchema,
      headers: { ETag: 'The revision of the job.' },
    },
  ],
  handle: async (call) => {
    const id = readId(call.params['jobId'] ?? '', 'jobId');
    if ('refusal' in id) return id.refusal;
    const asOf = readAsOf(call, clock);
    if ('refusal' in asOf) return asOf.refusal;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    if (asOf.value !== undefined) {
      const then = await history.stateAsOf(id.value, actorOf(call.principal), asOf.value);
      return then ? { status: 200, body: then } : { code: 'job-not-found' };
    }
    const job = await jobs.one(id.value);
    const isVisible = job && (isOperator(call.principal) || job.ownerId === call.principal.id);
    if (!isVisible) return { code: 'job-not-found' };
    return { status: 200, body: job, headers: { ETag: etagOf(job.revision) } };
  },
});

export const historyRoute = (history: Pick<JobHistory, 'events'>, clock: Clock): Route => ({
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
    const events = await history.events(id.value, actorOf(call.principal), asOf.value);
    return events ? { status: 200, body: { events } } : { code: 'job-not-found' };
  },
});
