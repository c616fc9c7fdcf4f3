import { Type } from '@sinclair/typebox';
import { readInstant } from '../../../domain/job/read-filter';
import type { Timetable } from '../../../domain/schedule/calendars';
import { toTimestamp } from '../../../domain/time';
import type { ListedOccurrence } from '../../../projections/queries/schedules/occurrences';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import {
  optional,
  readLimit,
  scheduleIdOf,
  together,
  withoutUndefined,
} from '../../http/parameters';
import type { Route } from '../../http/route';
import { lagHeader, lagHeaderAnswer } from '../../http/staleness';
import { occurrencesSchema } from '../../schemas/schedule-answers';
import {
  afterParameter,
  answered,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  parameter,
} from '../described';
import type { SchedulesDeps } from './deps';
import { findSchedule } from './one';

const occurrenceBody = (
  { occurrenceAt, dueAt, status, reason, origin, job, range }: ListedOccurrence,
  timetable: Timetable | undefined,
): object => ({
  occurrenceAt: toTimestamp(occurrenceAt),
  ...(dueAt !== undefined && { dueAt: toTimestamp(dueAt) }),
  ...(timetable && { localTime: timetable.shownAt(dueAt ?? occurrenceAt).localTime }),
  status,
  ...(reason && { reason }),
  origin,
  ...(job && {
    jobId: job.jobId,
    ...(job.status && { jobStatus: job.status }),
    ...(job.startedAt !== undefined && { startedAt: toTimestamp(job.startedAt) }),
    ...(job.finishedAt !== undefined && { finishedAt: toTimestamp(job.finishedAt) }),
  }),
  ...(range && { lastAt: toTimestamp(range.lastAt), count: range.count }),
});

export const occurrencesRoute = (deps: SchedulesDeps): Route => ({
  method: 'GET',
  path: '/v1/schedules/{scheduleId}/occurrences',
  operationId: 'listOccurrences',
  summary: 'List what became of occurrences, and which are to come, the oldest first',
  roles: JOB_ROLES,
  parameters: [
    parameter('from', 'At this time or later.', Type.String({ format: 'date-time' })),
    parameter('to', 'At this time or earlier.', Type.String({ format: 'date-time' })),
    limitParameter('Occurrences'),
    cursorParameter,
    afterParameter,
  ],
  answers: answered('One page; it may have fewer than asked for.', occurrencesSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const read = together({
      scheduleId: scheduleIdOf(call),
      from: optional(call, 'from', readInstant),
      to: optional(call, 'to', readInstant),
      limit: optional(call, 'limit', readLimit),
    });
    if ('refusal' in read) return read.refusal;
    const { scheduleId, limit = LIMITS.defaultPageLimit, from, to } = read.value;
    if ((from ?? -Infinity) > (to ?? Infinity)) return { code: 'bad-window' };
    const window = withoutUndefined({ from, to });
    const paging = pagingOf(call, deps.cursors, [
      'occurrences',
      call.principal.id,
      scheduleId,
      window,
    ]);
    if ('refusal' in paging) return paging.refusal;
    const found = await findSchedule(deps, call, scheduleId);
    if ('code' in found) return found;
    const { schedule } = found;
    const made = deps.calendars.of(schedule.definition.rule, schedule.ruleSince);
    const calendar = 'calendar' in made ? made.calendar : undefined;
    const { after, write } = paging.value;
    const { items, next } = await call.inTime(() =>
      deps.occurrences({
        ...{ scheduleId, schedule, calendar, window, limit },
        ...(after && { after: { at: after.at, revision: BigInt(after.id) } }),
      }),
    );
    return {
      status: 200,
      body: {
        items: items.map((one) => occurrenceBody(one, calendar)),
        ...(next && { nextCursor: write({ at: next.at, id: String(next.revision) }) }),
      },
      headers: lagHeader(deps.freshness.lag()?.ms),
    };
  },
});
