import type { JobFilter } from '../../../domain/job/filter';
import { jobStatuses, type JobStatus } from '../../../domain/job/state';
import type { Clock } from '../../../domain/time';
import type { PastJobs } from '../../../projections/queries/past/jobs-as-of';
import type { CountJobs } from '../../../projections/queries/job-counts';
import { LIMITS } from '../../access/limits';
import { filterOf, readAsOf, together } from '../../http/parameters';
import { shared } from '../../http/shared';
import type { Route } from '../../http/route';
import {
  lagHeader,
  lagHeaderAnswer,
  positionHeader,
  positionHeaderAnswer,
  staleness,
  type QueryFreshness,
} from '../../http/staleness';
import { jobCountsSchema } from '../../schemas/job-answers';
import { afterParameter, answered, asOfParameter, JOB_ROLES } from '../described';
import { filterParameters } from './list';

export type CountsDeps = {
  readonly count: CountJobs;
  readonly past: Pick<PastJobs, 'counts'>;
  readonly freshness: QueryFreshness;
  readonly clock: Clock;
};

const parameters = [
  ...filterParameters.filter(({ name }) => name !== 'status'),
  afterParameter,
  asOfParameter,
];

const everyStatus = (
  counts: Readonly<Partial<Record<JobStatus, number>>>,
): Readonly<Record<string, number>> =>
  Object.fromEntries(jobStatuses.map((status) => [status, counts[status] ?? 0]));

export const countsRoute = ({ count, past, freshness, clock }: CountsDeps): Route => {
  // all who look at a list while much changes ask for its counts again and again
  const counted = shared(
    (filter: Parameters<CountJobs>[0]) => count(filter, LIMITS.countedJobs),
    JSON.stringify,
  );
  return {
    method: 'GET',
    path: '/v1/jobs/counts',
    operationId: 'countJobs',
    summary: 'Count jobs by status',
    roles: JOB_ROLES,
    parameters,
    answers: answered('How many there are of each status.', jobCountsSchema, {
      headers: { ...lagHeaderAnswer, ...positionHeaderAnswer },
    }),
    late: 'read-model-unavailable',
    handle: async (call) => {
      const read = together({ filter: filterOf(call), asOf: readAsOf(call, clock) });
      if ('refusal' in read) return read.refusal;
      const { asOf } = read.value;
      const { status: _, ...filter }: JobFilter = read.value.filter;
      const stale = await staleness(call, freshness);
      if (stale) return stale;
      if (asOf) {
        const then = await call.inTime(
          (signal) => past.counts({ asOf, filter, signal }),
          'as-of-timed-out',
        );
        const body = { counts: everyStatus(then), isComplete: true };
        return { status: 200, body, headers: lagHeader(0) };
      }
      const position = freshness.position();
      const { counts, isComplete } = await call.inTime(() => counted(filter));
      return {
        status: 200,
        body: { counts: everyStatus(counts), isComplete },
        headers: { ...lagHeader(freshness.lag()?.ms), ...positionHeader(position) },
      };
    },
  };
};
