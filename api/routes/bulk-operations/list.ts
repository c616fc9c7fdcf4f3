import { Type } from '@sinclair/typebox';
import { readOperationStatuses, type OperationFilter } from '../../../domain/operation/filter';
import { operationStatuses } from '../../../domain/operation/state';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import {
  optional,
  ownerOf,
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
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  ownerParameter,
  parameter,
} from '../described';
import type { BulkOperationsDeps } from './deps';

export const operationListRoute = ({ list, cursors, freshness }: BulkOperationsDeps): Route => ({
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
  ],
  answers: answered('One page.', operationListSchema, { headers: lagHeaderAnswer }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const read = together({
      ownerId: ownerOf(call),
      status: several(call, 'status', readOperationStatuses),
      limit: optional(call, 'limit', readLimit),
    });
    if ('refusal' in read) return read.refusal;
    const { limit = LIMITS.defaultPageLimit, ...filtered } = read.value;
    const filter: OperationFilter = withoutUndefined(filtered);
    const { id, role } = call.principal;
    const paging = pagingOf(call, cursors, ['operations', id, role, filter]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const { items, next } = await call.inTime(() =>
      list(filter, {
        limit,
        ...(after && { after: { startedAt: after.at, operationId: after.id } }),
      }),
    );
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
