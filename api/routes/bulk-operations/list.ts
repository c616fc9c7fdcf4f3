import { Type } from '@sinclair/typebox';
import { readOperationStatuses, type OperationFilter } from '../../../domain/operation/filter';
import { operationStatuses } from '../../../domain/operation/state';
import { actorOf } from '../../access/principal';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import {
  optional,
  ownerOf,
  readAsOf,
  readLimit,
  several,
  together,
  withoutUndefined,
} from '../../http/parameters';
import type { Route } from '../../http/route';
import { lagHeader, lagHeaderAnswer, staleness } from '../../http/staleness';
import { operationListSchema } from '../../schemas/operation-answers';
import { oneOf } from '../../schemas/parts';
import {
  afterParameter,
  answered,
  asOfParameter,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  ownerParameter,
  parameter,
} from '../described';
import type { BulkOperationsDeps } from './deps';

export const operationListRoute = (deps: BulkOperationsDeps): Route => ({
  method: 'GET',
  path: '/v1/operations',
  operationId: 'listOperations',
  summary: 'List operations, the newest first',
  roles: JOB_ROLES,
  parameters: [
    parameter('status', 'One or more, parted by commas.', Type.Array(oneOf(operationStatuses))),
    ownerParameter,
    limitParameter('Operations'),
    cursorParameter,
    afterParameter,
    asOfParameter,
  ],
  answers: answered('One page.', operationListSchema, { headers: lagHeaderAnswer }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const { list, pastList, cursors, freshness, clock } = deps;
    const read = together({
      ownerId: ownerOf(call),
      status: several(call, 'status', readOperationStatuses),
      limit: optional(call, 'limit', readLimit),
      asOf: readAsOf(call, clock),
    });
    if ('refusal' in read) return read.refusal;
    const { limit = LIMITS.defaultPageLimit, asOf, ...filtered } = read.value;
    const filter: OperationFilter = withoutUndefined(filtered);
    // a cursor of the past leads through that past, one of the present through the present
    const moment = asOf && call.query.get('asOf');
    const { id, role } = call.principal;
    const paging = pagingOf(call, cursors, [
      ...['operations', id, role, filter],
      ...(moment ? [moment] : []),
    ]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const page = { limit, ...(after && { after: { startedAt: after.at, operationId: after.id } }) };
    const actor = actorOf(call.principal);
    const { items, next } = asOf
      ? await call.inTime(
          (signal) => pastList({ asOf, actor, filter, ...page, signal }),
          'as-of-timed-out',
        )
      : await call.inTime(() => list(filter, page));
    return {
      status: 200,
      body: {
        items,
        ...(next && { nextCursor: write({ at: next.startedAt, id: next.operationId }) }),
      },
      headers: lagHeader(freshness.lag()?.ms),
    };
  },
});
