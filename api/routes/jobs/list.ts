import { Type } from '@sinclair/typebox';
import type { JobFilter } from '../../../domain/job/filter';
import { jobStatuses } from '../../../domain/job/status';
import type { Clock } from '../../../domain/time';
import type { PastListRequest } from '../../../projections/queries/past/jobs-as-of';
import type { JobPage, JobQueries } from '../../../projections/queries/jobs';
import { readAsOf } from '../../http/as-of';
import type { Cursors } from '../../http/cursor';
import { LIMITS } from '../../access/limits';
import {
  optional,
  readId,
  readLimit,
  readQueue,
  readStatuses,
  readText,
  readTimestamp,
} from '../../http/parameters';
import { refuse, type Parsed } from '../../http/problem';
import type { Call, Parameter, Route } from '../../http/route';
import { jobListSchema } from '../../schemas/job-answers';
import { lagHeader, lagHeaderAnswer, staleness, type QueryFreshness } from '../../http/staleness';
import { afterParameter, asOfParameter, JOB_ROLES } from '../described';
import { ownerOf, together, withoutUndefined } from '../filters';

export type ListDeps = {
  readonly jobs: Pick<JobQueries, 'list'>;
  readonly past: (request: Omit<PastListRequest, 'signal'>) => Promise<JobPage>;
  readonly freshness: QueryFreshness;
  readonly cursors: Cursors;
  readonly clock: Clock;
};

const filterOf = (call: Call): Parsed<JobFilter> => {
  const { query } = call;
  const parsed = together({
    ownerId: ownerOf(call),
    status: readStatuses(query),
    from: optional(query, 'from', readTimestamp),
    to: optional(query, 'to', readTimestamp),
    tag: optional(query, 'tag', readText(LIMITS.tagLength)),
    queue: optional(query, 'queue', readQueue),
    scheduleId: optional(query, 'scheduleId', readId),
    q: optional(query, 'q', readText(LIMITS.searchLength)),
  });
  if ('refusal' in parsed) return parsed;
  const { from = -Infinity, to = Infinity } = parsed.value;
  return from > to
    ? refuse('bad-window', { errors: [{ parameter: 'to', code: 'bad-window' }] })
    : { value: withoutUndefined(parsed.value) };
};

const listParameters: readonly Parameter[] = [
  {
    name: 'status',
    description: 'One or more, parted by commas.',
    schema: Type.Array(Type.Unsafe<string>({ type: 'string', enum: [...jobStatuses] })),
  },
  {
    name: 'from',
    description: 'Due at this time or later.',
    schema: Type.String({ format: 'date-time' }),
  },
  {
    name: 'to',
    description: 'Due before this time.',
    schema: Type.String({ format: 'date-time' }),
  },
  {
    name: 'tag',
    description: 'Has this tag.',
    schema: Type.String({ maxLength: LIMITS.tagLength }),
  },
  { name: 'queue', description: 'Goes to this queue.', schema: Type.String() },
  {
    name: 'scheduleId',
    description: 'Comes from this schedule.',
    schema: Type.String({ format: 'uuid' }),
  },
  {
    name: 'q',
    description: 'Part of the name, read literally.',
    schema: Type.String({ maxLength: LIMITS.searchLength }),
  },
  { name: 'ownerId', description: "Operators only: one owner's jobs.", schema: Type.String() },
  {
    name: 'limit',
    description: 'Jobs on a page.',
    schema: Type.Integer({
      minimum: 1,
      maximum: LIMITS.pageLimit,
      default: LIMITS.defaultPageLimit,
    }),
  },
  {
    name: 'cursor',
    description: 'The `nextCursor` of the page before, with the same filter.',
    schema: Type.String(),
  },
  afterParameter,
  asOfParameter,
];

export const listRoute = ({ jobs, past, freshness, cursors, clock }: ListDeps): Route => ({
  method: 'GET',
  path: '/v1/jobs',
  operationId: 'listJobs',
  summary: 'List jobs, the latest due time first',
  roles: JOB_ROLES,
  produces: 'application/json',
  parameters: listParameters,
  answers: [
    { status: 200, description: 'One page.', schema: jobListSchema, headers: lagHeaderAnswer },
  ],
  handle: async (call) => {
    const filter = filterOf(call);
    if ('refusal' in filter) return filter.refusal;
    const limit = optional(call.query, 'limit', readLimit);
    if ('refusal' in limit) return limit.refusal;
    const asOf = readAsOf(call, clock);
    if ('refusal' in asOf) return asOf.refusal;
    // a cursor of the past leads through that past, one of the present through the present
    const moment = asOf.value && call.query.get('asOf');
    const { id, role } = call.principal;
    const scope = JSON.stringify([id, role, filter.value, ...(moment ? [moment] : [])]);
    const [cursor, anotherCursor] = call.query.getAll('cursor');
    const after = cursor === undefined ? undefined : cursors.read(scope, cursor);
    if ((cursor !== undefined && !after) || anotherCursor !== undefined)
      return { code: 'bad-cursor' };
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const page = { limit: limit.value ?? LIMITS.defaultPageLimit, ...(after && { after }) };
    const { items, next } = asOf.value
      ? await past({ asOf: asOf.value, filter: filter.value, ...page })
      : await jobs.list(filter.value, page);
    return {
      status: 200,
      body: { items, ...(next && { nextCursor: cursors.write(scope, next) }) },
      headers: lagHeader(asOf.value ? 0 : freshness.lag()?.ms),
    };
  },
});
