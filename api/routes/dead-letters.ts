import type { DeadLettersOf } from '../../projections/queries/dead-letters';
import { LIMITS } from '../access/limits';
import { ownerOf } from '../http/parameters';
import type { Route } from '../http/route';
import { lagHeader, lagHeaderAnswer, staleness, type QueryFreshness } from '../http/staleness';
import { deadLettersSchema } from '../schemas/dead-letters';
import { afterParameter, answered, JOB_ROLES, ownerParameter } from './described';

export type DeadLettersDeps = {
  readonly deadLetters: DeadLettersOf;
  readonly freshness: QueryFreshness;
};

const { causes: MAX_CAUSES, counted: MAX_COUNTED } = LIMITS.deadLetters;

export const deadLettersRoute = ({ deadLetters, freshness }: DeadLettersDeps): Route => ({
  method: 'GET',
  path: '/v1/dead-letters',
  operationId: 'listDeadLetters',
  summary: 'Jobs that failed for good, by error and queue',
  roles: JOB_ROLES,
  parameters: [ownerParameter, afterParameter],
  answers: answered('Of own jobs, for operators of all.', deadLettersSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const ownerId = ownerOf(call);
    if ('refusal' in ownerId) return ownerId.refusal;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const body = await call.inTime(() => deadLetters(ownerId.value, MAX_CAUSES, MAX_COUNTED));
    return { status: 200, body, headers: lagHeader(freshness.lag()?.ms) };
  },
});
