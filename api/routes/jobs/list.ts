import { Type } from '@sinclair/typebox';
import { jobStatuses } from '../../../domain/job/state';
import type { Clock } from '../../../domain/time';
import type { PastJobs } from '../../../projections/queries/past/jobs-as-of';
import type { JobQueries } from '../../../projections/queries/jobs';
import { pagingOf, type Cursors } from '../../http/cursor';
import { LIMITS } from '../../access/limits';
import { filterOf, optional, readAsOf, readLimit, together } from '../../http/parameters';
import type { Parameter, Route } from '../../http/route';
import { jobListSchema } from '../../schemas/job-answers';
import {
  lagHeader,
  lagHeaderAnswer,
  positionHeader,
  positionHeaderAnswer,
  staleness,
  type QueryFreshness,
} from '../../http/staleness';
import { oneOf } from '../../schemas/parts';
import {
  afterParameter,
  answered,
  asOfParameter,
  cursorParameter,
  dueParameters,
  JOB_ROLES,
  limitParameter,
  ownerParameter,
  parameter,
  queueParameter,
  searchParameter,
} from '../described';

export type ListDeps = {
  readonly jobs: Pick<JobQueries, 'list'>;
  readonly past: PastJobs;
  readonly freshness: QueryFreshness;
  readonly cursors: Cursors;
  readonly clock: Clock;
};

/** What a list of jobs is narrowed by. */
export const filterParameters: readonly Parameter[] = [
  parameter('status', 'One or more, parted by commas.', Type.Array(oneOf(jobStatuses))),
  ...dueParameters('Due at this time or later.', 'Due before this time.'),
  parameter('tag', 'Has this tag.', Type.String({ maxLength: LIMITS.tagLength })),
  queueParameter,
  parameter('scheduleId', 'Comes from this schedule.', Type.String({ format: 'uuid' })),
  parameter(
    'errorCode',
    'Failed for good with an error of this code.',
    Type.String({ minLength: 1, maxLength: LIMITS.errorCodeLength }),
  ),
  searchParameter,
  ownerParameter,
];

const parameters: readonly Parameter[] = [
  ...filterParameters,
  limitParameter('Jobs'),
  cursorParameter,
  afterParameter,
  asOfParameter,
];

export const listRoute = ({ jobs, past, freshness, cursors, clock }: ListDeps): Route => ({
  method: 'GET',
  path: '/v1/jobs',
  operationId: 'listJobs',
  summary: 'List jobs, the latest due time first',
  roles: JOB_ROLES,
  parameters,
  answers: answered('One page.', jobListSchema, {
    headers: { ...lagHeaderAnswer, ...positionHeaderAnswer },
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const read = together({
      filter: filterOf(call),
      limit: optional(call, 'limit', readLimit),
      asOf: readAsOf(call, clock),
    });
    if ('refusal' in read) return read.refusal;
    const { filter, limit = LIMITS.defaultPageLimit, asOf } = read.value;
    // a cursor of the past leads through that past, one of the present through the present
    const moment = asOf && call.query.get('asOf');
    const { id, role } = call.principal;
    const paging = pagingOf(call, cursors, [id, role, filter, ...(moment ? [moment] : [])]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const position = asOf ? undefined : freshness.position();
    const page = { limit, ...(after && { after: { dueAt: after.at, jobId: after.id } }) };
    const { items, next } = asOf
      ? await call.inTime(
          (signal) => past.list({ asOf, filter, ...page, signal }),
          'as-of-timed-out',
        )
      : await call.inTime(() => jobs.list(filter, page));
    return {
      status: 200,
      body: {
        items,
        ...(next && { nextCursor: write({ at: next.dueAt, id: next.jobId }) }),
      },
      headers: { ...lagHeader(asOf ? 0 : freshness.lag()?.ms), ...positionHeader(position) },
    };
  },
});
