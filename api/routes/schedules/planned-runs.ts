import { forecastStepMs, forecastWindow } from '../../../domain/forecast';
import { readInstant } from '../../../domain/job/read-filter';
import { toTimestamp } from '../../../domain/time';
import type { PlannedRunsQuery } from '../../../projections/queries/schedules/planned-runs';
import { optional, ownerOf, readStep, together, withoutUndefined } from '../../http/parameters';
import { refuse, type Parsed } from '../../http/problem';
import type { Call, Route } from '../../http/route';
import { lagHeader, lagHeaderAnswer, staleness } from '../../http/staleness';
import { oneOf } from '../../schemas/parts';
import { plannedRunsSchema } from '../../schemas/schedule-answers';
import {
  afterParameter,
  answered,
  dueParameters,
  JOB_ROLES,
  ownerParameter,
  parameter,
} from '../described';
import type { SchedulesDeps } from './deps';

const queryOf = (call: Call, now: number): Parsed<Omit<PlannedRunsQuery, 'signal'>> => {
  const asked = together({
    ownerId: ownerOf(call),
    step: optional(call, 'step', readStep),
    from: optional(call, 'from', readInstant),
    to: optional(call, 'to', readInstant),
  });
  if ('refusal' in asked) return asked;
  const { step = 'minute', from, to, ...whose } = withoutUndefined(asked.value);
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const window = forecastWindow({ step, ...bounds }, now);
  return 'problem' in window ? refuse('bad-window') : { value: { ...window, ...whose } };
};

/** What a forecast of jobs cannot have yet: a run becomes a job a minute before it is due. */
export const plannedRunsRoute = ({ plannedRuns, freshness, clock }: SchedulesDeps): Route => ({
  method: 'GET',
  path: '/v1/forecast/schedules',
  operationId: 'getPlannedRuns',
  summary: 'Count the runs of schedules that are to come and have no job yet, by time',
  roles: JOB_ROLES,
  parameters: [
    ...dueParameters(
      'Due at this time or later, in whole steps. Default: now.',
      'Due before this time, in whole steps. Default: as far as the step allows.',
    ),
    parameter(
      'step',
      'How long a bucket is, with the windows of `GET /v1/forecast`.',
      oneOf(Object.keys(forecastStepMs), { default: 'minute' }),
    ),
    ownerParameter,
    afterParameter,
  ],
  answers: answered('Of own schedules, for operators of all.', plannedRunsSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const query = queryOf(call, clock.now());
    if ('refusal' in query) return query.refusal;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const { from, to, step } = query.value;
    const { buckets, isComplete } = await call.inTime((signal) =>
      plannedRuns({ ...query.value, signal }),
    );
    return {
      status: 200,
      body: {
        ...{ from: toTimestamp(from), to: toTimestamp(to), step, isComplete },
        buckets: buckets.map(({ at, runs }) => ({ at: toTimestamp(at), runs })),
      },
      headers: lagHeader(freshness.lag()?.ms),
    };
  },
});
