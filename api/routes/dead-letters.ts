import type { Clock } from '../../domain/time';
import type { DeadLettersOf } from '../../projections/queries/dead-letters';
import type { PastJobs } from '../../projections/queries/past/jobs-as-of';
import { LIMITS } from '../access/limits';
import { ownerOf, readAsOf, together } from '../http/parameters';
import type { Route } from '../http/route';
import { lagHeader, lagHeaderAnswer, staleness, type QueryFreshness } from '../http/staleness';
import { deadLettersSchema } from '../schemas/dead-letters';
import { afterParameter, answered, asOfParameter, JOB_ROLES, ownerParameter } from './described';

export type DeadLettersDeps = {
  readonly deadLetters: DeadLettersOf;
  readonly past: Pick<PastJobs, 'deadLetters'>;
  readonly freshness: QueryFreshness;
  readonly clock: Clock;
};

const { causes: MAX_CAUSES, counted: MAX_COUNTED } = LIMITS.deadLetters;

export const deadLettersRoute = ({
  deadLetters,
  past,
  freshness,
  clock,
}: DeadLettersDeps): Route => ({
  method: 'GET',
  path: '/v1/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'Jobs that failed for good, by error and queue',
  roles: JOB_ROLES,
  parameters: [ownerParameter, afterParameter, asOfParameter],
  answers: answered('Of own jobs, for operators of all.', deadLettersSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const read = together({ ownerId: ownerOf(call), asOf: readAsOf(call, clock) });
    if ('refusal' in read) return read.refusal;
    const { ownerId, asOf } = read.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    if (asOf) {
      const then = await call.inTime(
        (signal) => past.deadLetters({ asOf, ownerId, maxCauses: MAX_CAUSES, signal }),
        'as-of-timed-out',
      );
      return { status: 200, body: then, headers: lagHeader(0) };
    }
    const body = await call.inTime(() => deadLetters(ownerId, MAX_CAUSES, MAX_COUNTED));
    return { status: 200, body, headers: lagHeader(freshness.lag()?.ms) };
  },
});
