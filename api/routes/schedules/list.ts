import { Type } from '@sinclair/typebox';
import {
  readScheduleStatuses,
  readSearch,
  type ScheduleFilter,
} from '../../../domain/schedule/filter';
import { scheduleStatuses } from '../../../domain/schedule/state';
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
import { oneOf } from '../../schemas/parts';
import { scheduleListSchema } from '../../schemas/schedule-answers';
import {
  afterParameter,
  answered,
  asOfParameter,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  ownerParameter,
  parameter,
  searchParameter,
} from '../described';
import type { SchedulesDeps } from './deps';

export const scheduleListRoute = (deps: SchedulesDeps): Route => ({
  method: 'GET',
  path: '/v1/schedules',
  operationId: 'listSchedules',
  summary: 'List schedules, the newest first',
  roles: JOB_ROLES,
  parameters: [
    parameter(
      'status',
      'One or more, parted by commas. Not given: all but deleted ones.',
      Type.Array(oneOf(scheduleStatuses)),
    ),
    searchParameter,
    ownerParameter,
    limitParameter('Schedules'),
    cursorParameter,
    afterParameter,
    asOfParameter,
  ],
  answers: answered('One page.', scheduleListSchema, { headers: lagHeaderAnswer }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const { list, pastList, cursors, freshness, clock } = deps;
    const read = together({
      ownerId: ownerOf(call),
      status: several(call, 'status', readScheduleStatuses),
      q: optional(call, 'q', readSearch),
      limit: optional(call, 'limit', readLimit),
      asOf: readAsOf(call, clock),
    });
    if ('refusal' in read) return read.refusal;
    const { limit = LIMITS.defaultPageLimit, asOf, ...filtered } = read.value;
    const filter: ScheduleFilter = withoutUndefined(filtered);
    // a cursor of the past leads through that past, one of the present through the present
    const moment = asOf && call.query.get('asOf');
    const { id, role } = call.principal;
    const paging = pagingOf(call, cursors, [
      ...['schedules', id, role, filter],
      ...(moment ? [moment] : []),
    ]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const page = {
      limit,
      ...(after && { after: { createdAt: after.at, scheduleId: after.id } }),
    };
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
        ...(next && { nextCursor: write({ at: next.createdAt, id: next.scheduleId }) }),
      },
      headers: lagHeader(freshness.lag()?.ms),
    };
  },
});
