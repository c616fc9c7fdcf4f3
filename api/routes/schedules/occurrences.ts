import { Type } from '@sinclair/typebox';
import { JobUnreadable } from '../../../commands/job-stream';
import type { AsOf } from '../../../domain/audit/as-of';
import { readInstant } from '../../../domain/job/read-filter';
import type { Timetable } from '../../../domain/schedule/calendars';
import type { KnownSchedule } from '../../../domain/schedule/state';
import { fromTimestamp, toTimestamp } from '../../../domain/time';
import type {
  JobThen,
  ListedOccurrence,
  OccurrencesThen,
} from '../../../projections/queries/schedules/listed-occurrence';
import { actorOf } from '../../access/principal';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import {
  optional,
  readAsOf,
  readLimit,
  scheduleIdOf,
  together,
  withoutUndefined,
} from '../../http/parameters';
import type { Refusal } from '../../http/problem';
import type { Call, Route } from '../../http/route';
import { lagHeader, lagHeaderAnswer } from '../../http/staleness';
import { occurrencesSchema } from '../../schemas/schedule-answers';
import {
  afterParameter,
  answered,
  asOfParameter,
  cursorParameter,
  JOB_ROLES,
  limitParameter,
  parameter,
} from '../described';
import type { SchedulesDeps } from './deps';
import { findSchedule, findPastSchedule } from './one';

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

type Found = { readonly schedule: KnownSchedule; readonly then?: OccurrencesThen };

/** A run as it stood then; one whose stream nobody can read is told without what became of it. */
const jobThen = async (
  { jobHistory }: SchedulesDeps,
  { principal }: Call,
  jobId: string,
  asOf: AsOf,
): Promise<JobThen | undefined> => {
  const job = await jobHistory
    .stateAsOf(jobId, actorOf(principal), asOf)
    .catch((error: unknown) => {
      if (error instanceof JobUnreadable) return undefined;
      throw error;
    });
  if (!job) return undefined;
  const { status, startedAt, finishedAt } = job;
  return {
    status,
    ...(startedAt !== null && { startedAt: fromTimestamp(startedAt) }),
    ...(finishedAt !== null && { finishedAt: fromTimestamp(finishedAt) }),
  };
};

/** The schedule as it stood then, whoever may see it. */
const findPast = async (
  deps: SchedulesDeps,
  call: Call,
  scheduleId: string,
  asOf: AsOf,
): Promise<Found | Refusal> => {
  const past = await findPastSchedule(deps, call, scheduleId, asOf);
  if ('code' in past) return past;
  const { known: schedule, at } = past;
  return { schedule, then: { at, jobOf: (jobId) => jobThen(deps, call, jobId, asOf) } };
};

const parameters = [
  parameter('from', 'At this time or later.', Type.String({ format: 'date-time' })),
  parameter('to', 'At this time or earlier.', Type.String({ format: 'date-time' })),
  limitParameter('Occurrences'),
  cursorParameter,
  afterParameter,
  asOfParameter,
];

export const occurrencesRoute = (deps: SchedulesDeps): Route => ({
  method: 'GET',
  path: '/v1/schedules/{scheduleId}/occurrences',
  operationId: 'listOccurrences',
  summary: 'List what became of occurrences, and which are to come, the oldest first',
  roles: JOB_ROLES,
  parameters,
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
      asOf: readAsOf(call, deps.clock),
    });
    if ('refusal' in read) return read.refusal;
    const { scheduleId, limit = LIMITS.defaultPageLimit, from, to, asOf } = read.value;
    const moment = asOf && call.query.get('asOf');
    if ((from ?? -Infinity) > (to ?? Infinity)) return { code: 'bad-window' };
    const window = withoutUndefined({ from, to });
    const paging = pagingOf(call, deps.cursors, [
      'occurrences',
      call.principal.id,
      scheduleId,
      window,
      ...(moment ? [moment] : []),
    ]);
    if ('refusal' in paging) return paging.refusal;
    const found: Found | Refusal = asOf
      ? await findPast(deps, call, scheduleId, asOf)
      : await findSchedule(deps, call, scheduleId);
    if ('code' in found) return found;
    const { schedule, then } = found;
    const made = deps.calendars.of(schedule.definition.rule, schedule.ruleSince);
    const calendar = 'calendar' in made ? made.calendar : undefined;
    const { after, write } = paging.value;
    const { items, next } = await call.inTime(() =>
      deps.occurrences({
        ...{ scheduleId, schedule, calendar, window, limit },
        ...(then && { then }),
        ...(after && { after: { at: after.at, revision: BigInt(after.id) } }),
      }),
    );
    return {
      status: 200,
      body: {
        items: items.map((one) => occurrenceBody(one, calendar)),
        ...(next && { nextCursor: write({ at: next.at, id: String(next.revision) }) }),
      },
      headers: lagHeader(asOf ? 0 : deps.freshness.lag()?.ms),
    };
  },
});
