import { forecastStepMs } from '../../domain/forecast';
import { readInstant } from '../../domain/job/read-filter';
import { latenessWindow } from '../../domain/lateness';
import { toTimestamp, type Clock } from '../../domain/time';
import type { LatenessOf, LatenessQuery } from '../../projections/queries/lateness';
import { optional, ownerOf, readStep, together, withoutUndefined } from '../http/parameters';
import { refuse, type Parsed } from '../http/problem';
import type { Call, Parameter, Route } from '../http/route';
import { lagHeader, lagHeaderAnswer, staleness, type QueryFreshness } from '../http/staleness';
import { latenessSchema } from '../schemas/job-answers';
import { oneOf } from '../schemas/parts';
import {
  afterParameter,
  answered,
  dueParameters,
  JOB_ROLES,
  ownerParameter,
  parameter,
} from './described';

export type LatenessDeps = {
  readonly lateness: LatenessOf;
  readonly freshness: QueryFreshness;
  readonly clock: Clock;
};

const queryOf = (call: Call, now: number): Parsed<LatenessQuery> => {
  const asked = together({
    ownerId: ownerOf(call),
    step: optional(call, 'step', readStep),
    from: optional(call, 'from', readInstant),
    to: optional(call, 'to', readInstant),
  });
  if ('refusal' in asked) return asked;
  const { step = 'minute', from, to, ...whose } = withoutUndefined(asked.value);
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const window = latenessWindow({ step, ...bounds }, now);
  return 'problem' in window ? refuse('bad-window') : { value: { ...window, ...whose } };
};

const parameters: readonly Parameter[] = [
  ...dueParameters(
    'Due at this time or later, in whole steps. Default: as far back as the step allows.',
    'Due before this time, in whole steps. Default: now.',
  ),
  parameter(
    'step',
    'How long a bucket is: up to 24 hours by minute, 31 days by hour or day. It is kept for 30 days.',
    oneOf(Object.keys(forecastStepMs), { default: 'minute' }),
  ),
  ownerParameter,
  afterParameter,
];

export const latenessRoute = ({ lateness, freshness, clock }: LatenessDeps): Route => ({
  method: 'GET',
  path: '/v1/lateness',
  operationId: 'getLateness',
  summary: 'How late jobs started, by the time they were due',
  roles: JOB_ROLES,
  parameters,
  answers: answered('Of own jobs, for operators of all; each attempt counts.', latenessSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const query = queryOf(call, clock.now());
    if ('refusal' in query) return query.refusal;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const { from, to, step } = query.value;
    const buckets = await call.inTime(() => lateness(query.value));
    return {
      status: 200,
      body: {
        from: toTimestamp(from),
        to: toTimestamp(to),
        step,
        buckets: buckets.map(({ at, ...rest }) => ({ at: toTimestamp(at), ...rest })),
      },
      headers: lagHeader(freshness.lag()?.ms),
    };
  },
});
