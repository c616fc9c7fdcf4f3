import { Type } from '@sinclair/typebox';
import type { AsOf } from '../../../domain/audit/as-of';
import { differenceKinds, readDifferenceKinds } from '../../../domain/job/difference';
import { toTimestamp, type Clock } from '../../../domain/time';
import type { JobDifference, JobThen } from '../../../projections/queries/past/past-differences';
import type { PastJobs } from '../../../projections/queries/past/jobs-as-of';
import { LIMITS } from '../../access/limits';
import { pagingOf, type Cursors } from '../../http/cursor';
import {
  filterOf,
  optional,
  readAsOf,
  readLimit,
  several,
  together,
  withoutUndefined,
} from '../../http/parameters';
import { refuse, type Parsed } from '../../http/problem';
import type { Call, Route } from '../../http/route';
import { jobDifferencesSchema } from '../../schemas/job-answers';
import { oneOf } from '../../schemas/parts';
import {
  answered,
  asOfParameter,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  parameter,
} from '../described';
import { filterParameters } from './list';

export type DifferencesDeps = {
  readonly past: Pick<PastJobs, 'differences'>;
  readonly cursors: Cursors;
  readonly clock: Clock;
};

/** The moment that was given, as a later page is to name it: now is a time, too. */
const momentText = (asOf: AsOf): string =>
  asOf.kind === 'time' ? toTimestamp(asOf.at) : String(asOf.position);

/** Both moments: the first has to be named, the other one is now unless it is. */
const momentsOf = (
  call: Call,
  clock: Clock,
): Parsed<{ readonly asOf: AsOf; readonly other: AsOf }> => {
  const [asOf, other] = [readAsOf(call, clock), readAsOf(call, clock, 'with')];
  if ('refusal' in asOf) return asOf;
  if ('refusal' in other) return other;
  if (!asOf.value)
    return refuse('bad-parameter', { errors: [{ parameter: 'asOf', code: 'bad-parameter' }] });
  const now = { kind: 'time', at: clock.now() } as const;
  return { value: { asOf: asOf.value, other: other.value ?? now } };
};

const thenBody = ({ status, dueAt, attempt }: JobThen) => ({
  status,
  dueAt: toTimestamp(dueAt),
  attempt,
});

const itemBody = ({ before, after, ...job }: JobDifference) => ({
  ...job,
  ...(before && { before: thenBody(before) }),
  ...(after && { after: thenBody(after) }),
});

const parameters = [
  asOfParameter,
  parameter('with', 'The other moment, as `asOf` is given. Not given: now.'),
  ...filterParameters,
  parameter(
    'change',
    'One or more, parted by commas; counts are of all of them.',
    Type.Array(oneOf(differenceKinds)),
  ),
  limitParameter('Jobs'),
  cursorParameter,
];

export const differencesRoute = ({ past, cursors, clock }: DifferencesDeps): Route => ({
  method: 'GET',
  path: '/v1/jobs/differences',
  operationId: 'compareJobs',
  summary: 'Compare a list of jobs between two moments',
  roles: JOB_ROLES,
  parameters,
  answers: answered(
    'One page of what differs. For the next one give `asOf` and `with` as they are answered.',
    jobDifferencesSchema,
  ),
  late: 'as-of-timed-out',
  handle: async (call) => {
    const read = together({
      filter: filterOf(call),
      changes: several(call, 'change', readDifferenceKinds),
      limit: optional(call, 'limit', readLimit),
      moments: momentsOf(call, clock),
    });
    if ('refusal' in read) return read.refusal;
    const { filter, changes, limit = LIMITS.defaultPageLimit, moments } = read.value;
    const texts = [momentText(moments.asOf), momentText(moments.other)] as const;
    const { id, role } = call.principal;
    const scope = ['differences', id, role, filter, changes ?? null, ...texts];
    const paging = pagingOf(call, cursors, scope);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const { counts, items, next } = await call.inTime((signal) =>
      past.differences({
        ...{ ...moments, filter, limit, signal },
        ...withoutUndefined({ changes }),
        ...(after && { after: { dueAt: after.at, jobId: after.id } }),
      }),
    );
    return {
      status: 200,
      body: {
        ...{ asOf: texts[0], with: texts[1], counts },
        items: items.map(itemBody),
        ...(next && { nextCursor: write({ at: next.dueAt, id: next.jobId }) }),
      },
    };
  },
});
