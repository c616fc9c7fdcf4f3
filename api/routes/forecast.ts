import { Type } from '@sinclair/typebox';
import { forecastStepMs, forecastWindow } from '../../domain/forecast';
import { toTimestamp, type Clock } from '../../domain/time';
import type {
  Forecast,
  ForecastBucket,
  ForecastKey,
  ForecastQuery,
} from '../../projections/queries/forecast';
import { LIMITS } from '../access/limits';
import { optional, readQueue, readStep, readTimestamp } from '../http/parameters';
import { isOperator } from '../access/principal';
import { refuse, type Parsed } from '../http/problem';
import type { Call, Parameter, Route } from '../http/route';
import { forecastSchema } from '../schemas/job-answers';
import { lagHeader, lagHeaderAnswer, staleness, type QueryFreshness } from '../http/staleness';
import { afterParameter, JOB_ROLES } from './described';
import { ownerOf, together, withoutUndefined } from './filters';

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

const readCursor = (text: string): Parsed<ForecastKey> => {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    if (!Array.isArray(place)) return refuse('bad-cursor');
    const [at, group] = place as readonly unknown[]; // any texts and numbers will do
    const isTime = typeof at === 'number' && Number.isSafeInteger(at) && at >= 0 && at < LAST;
    return isTime && typeof group === 'string' && !group.includes('\0')
      ? { value: { at, group } }
      : refuse('bad-cursor');
  } catch {
    return refuse('bad-cursor');
  }
};

/** Everybody may divide by queue; owners are the operators' to see. */
const byOf = ({ principal, query }: Call): Parsed<ForecastQuery['by']> =>
  optional(query, 'by', (text, parameter) => {
    if (text === 'queue') return { value: text };
    if (text !== 'owner')
      return refuse('bad-parameter', { errors: [{ parameter, code: 'bad-parameter' }] });
    return isOperator(principal) ? { value: text } : refuse('forbidden');
  });

const queryOf = (call: Call, now: number): Parsed<ForecastQuery> => {
  const { query } = call;
  const asked = together({
    ownerId: ownerOf(call),
    step: optional(query, 'step', readStep),
    from: optional(query, 'from', readTimestamp),
    to: optional(query, 'to', readTimestamp),
    queue: optional(query, 'queue', readQueue),
    by: byOf(call),
    after: optional(query, 'cursor', readCursor),
  });
  if ('refusal' in asked) return asked;
  const { step = 'minute', from, to, ...rest } = withoutUndefined(asked.value);
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
  {
    name: 'from',
    description: 'Due at this time or later, in whole steps. Now unless told.',
    schema: Type.String({ format: 'date-time' }),
  },
  {
    name: 'to',
    description: 'Due before this time, in whole steps. As far as the step allows unless told.',
    schema: Type.String({ format: 'date-time' }),
  },
  {
    name: 'step',
    description: 'How long a bucket is: up to 24 hours by minute, 31 days by hour, 366 by day.',
    schema: Type.Unsafe<string>({
      type: 'string',
      enum: Object.keys(forecastStepMs),
      default: 'minute',
    }),
  },
  { name: 'queue', description: 'Goes to this queue.', schema: Type.String() },
  {
    name: 'by',
    description: 'A bucket for each queue or, for operators, each owner.',
    schema: Type.Unsafe<string>({ type: 'string', enum: ['queue', 'owner'] }),
  },
  { name: 'ownerId', description: "Operators only: one owner's jobs.", schema: Type.String() },
  {
    name: 'cursor',
    description: 'The `next` of the page before, with the same window and filter.',
    schema: Type.String(),
  },
  afterParameter,
];

export const forecastRoute = ({ forecast, freshness, clock }: ForecastDeps): Route => ({
  method: 'GET',
  path: '/v1/forecast',
  operationId: 'getForecast',
  summary: 'Count the jobs that wait, by time',
  roles: JOB_ROLES,
  produces: 'application/json',
  parameters,
  answers: [
    {
      status: 200,
      description: 'Own jobs, for operators all; counted.',
      schema: forecastSchema,
      headers: lagHeaderAnswer,
    },
  ],
  handle: async (call) => {
    const query = queryOf(call, clock.now());
    if ('refusal' in query) return query.refusal;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    const { from, to, step, by } = query.value;
    const { buckets, next } = await forecast(query.value);
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
