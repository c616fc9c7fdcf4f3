import { forecastStepMs, forecastWindow } from '../../domain/forecast';
import { readInstant, readQueue } from '../../domain/job/read-filter';
import { toTimestamp, type Clock } from '../../domain/time';
import type {
  Forecast,
  ForecastBucket,
  ForecastKey,
  ForecastQuery,
} from '../../projections/queries/forecast';
import { LIMITS } from '../access/limits';
import { optional, ownerOf, readStep, together, withoutUndefined } from '../http/parameters';
import { isOperator } from '../access/principal';
import { refuse, type Parsed } from '../http/problem';
import type { Call, Parameter, Route } from '../http/route';
import { forecastSchema } from '../schemas/job-answers';
import { oneOf } from '../schemas/parts';
import { lagHeader, lagHeaderAnswer, staleness, type QueryFreshness } from '../http/staleness';
import {
  afterParameter,
  answered,
  dueParameters,
  JOB_ROLES,
  ownerParameter,
  parameter,
  queueParameter,
} from './described';

export type ForecastDeps = {
  readonly forecast: Forecast;
  readonly freshness: QueryFreshness;
  readonly clock: Clock;
};

/** A place in a forecast. It opens nothing: whose jobs are counted never comes from it. */
const cursorOf = ({ at, group }: ForecastKey): string =>
  Buffer.from(JSON.stringify([at, group])).toString('base64url');

/** Times from here on are written with more than four digits for the year. */
const LAST = Date.UTC(10_000, 0);

const readCursor = (text: string): { value: ForecastKey } | { problem: 'bad-cursor' } => {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    const [at, group] = Array.isArray(place) ? (place as readonly unknown[]) : []; // any texts and numbers will do
    const isTime = typeof at === 'number' && Number.isSafeInteger(at) && at >= 0 && at < LAST;
    if (isTime && typeof group === 'string' && !group.includes('\0'))
      return { value: { at, group } };
  } catch {
    // not even JSON
  }
  return { problem: 'bad-cursor' };
};

const readGroup = (text: string): { value: 'queue' | 'owner' } | { problem: 'bad-parameter' } =>
  text === 'queue' || text === 'owner' ? { value: text } : { problem: 'bad-parameter' };

const queryOf = (call: Call, now: number): Parsed<ForecastQuery> => {
  const asked = together({
    ownerId: ownerOf(call),
    step: optional(call, 'step', readStep),
    from: optional(call, 'from', readInstant),
    to: optional(call, 'to', readInstant),
    queue: optional(call, 'queue', readQueue),
    by: optional(call, 'by', readGroup),
    after: optional(call, 'cursor', readCursor),
  });
  if ('refusal' in asked) return asked;
  const { step = 'minute', from, to, ...rest } = withoutUndefined(asked.value);
  // everybody may divide by queue; owners are the operators' to see
  if (rest.by === 'owner' && !isOperator(call.principal)) return refuse('forbidden');
  const bounds = { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
  const window = forecastWindow({ step, ...bounds }, now);
  if ('problem' in window) return refuse('bad-window');
  return { value: { ...window, ...rest, limit: LIMITS.forecastBuckets } };
};

const bucketBody = ({ at, jobs, group }: ForecastBucket, by: ForecastQuery['by']): object => ({
  at: toTimestamp(at),
  jobs,
  ...(by === 'queue' && { queue: group }),
  ...(by === 'owner' && { ownerId: group }),
});

const parameters: readonly Parameter[] = [
  ...dueParameters(
    'Due at this time or later, in whole steps. Default: now.',
    'Due before this time, in whole steps. Default: as far as the step allows.',
  ),
  parameter(
    'step',
    'How long a bucket is: up to 24 hours by minute, 31 days by hour, 366 by day.',
    oneOf(Object.keys(forecastStepMs), { default: 'minute' }),
  ),
  queueParameter,
  parameter(
    'by',
    'A bucket for each queue or, for operators, each owner.',
    oneOf(['queue', 'owner']),
  ),
  ownerParameter,
  parameter('cursor', 'The `next` of the page before, with the same window and filter.'),
  afterParameter,
];

export const forecastRoute = ({ forecast, freshness, clock }: ForecastDeps): Route => ({
  method: 'GET',
  path: '/v1/forecast',
  operationId: 'getForecast',
  summary: 'Count the jobs that wait, by time',
  roles: JOB_ROLES,
  parameters,
  answers: answered('Own jobs, for operators all; counted.', forecastSchema, {
    headers: lagHeaderAnswer,
  }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const query = queryOf(call, clock.now());
    if ('refusal' in query) return query.refusal;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const { from, to, step, by } = query.value;
    const { buckets, next } = await call.inTime(() => forecast(query.value));
    return {
      status: 200,
      body: {
        from: toTimestamp(from),
        to: toTimestamp(to),
        step,
        buckets: buckets.map((bucket) => bucketBody(bucket, by)),
        ...(next && { next: cursorOf(next) }),
      },
      headers: lagHeader(freshness.lag()?.ms),
    };
  },
});
