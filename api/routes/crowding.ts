import { minuteOf } from '../../domain/forecast';
import { readInstant } from '../../domain/job/read-filter';
import { toTimestamp, type Clock, type Instant } from '../../domain/time';
import { optional } from '../http/parameters';
import type { Route } from '../http/route';
import { crowdingSchema } from '../schemas/job-answers';
import { askedTimestamp } from '../schemas/job-requests';
import { answered, JOB_ROLES, parameter } from './described';
import type { Crowding } from './jobs/crowding';

export type CrowdingRouteDeps = {
  readonly crowding: Crowding;
  readonly clock: Clock;
};

const MINUTE_MS = 60_000;
/** How far from a crowded minute a quieter one is looked for. */
const MINUTES_AWAY = 30;

/** The nearest ones that are not crowded, on each side one at most, none that has begun; the nearest first. */
const quieterThan = (
  minute: Instant,
  now: Instant,
  isCrowded: (at: Instant) => boolean,
): readonly Instant[] => {
  const nearest = (sign: 1 | -1): Instant | undefined =>
    Array.from({ length: MINUTES_AWAY }, (_, n) => minute + sign * (n + 1) * MINUTE_MS).find(
      (at) => at > now && !isCrowded(at),
    );
  return [nearest(1), nearest(-1)]
    .filter((at) => at !== undefined)
    .toSorted((one, other) => Math.abs(one - minute) - Math.abs(other - minute));
};

/** Whether a job would start late for the many others of its minute, before it is scheduled. */
export const crowdingRoute = ({ crowding, clock }: CrowdingRouteDeps): Route => ({
  method: 'GET',
  path: '/v1/crowding',
  operationId: 'getCrowding',
  summary: 'See whether a minute is crowded, and which ones near it are not',
  roles: JOB_ROLES,
  parameters: [parameter('dueAt', 'When a job would be due. Default: now.', askedTimestamp)],
  answers: answered('What a job that is due then would be warned of.', crowdingSchema),
  late: 'never',
  handle: (call) => {
    const dueAt = optional(call, 'dueAt', readInstant);
    if ('refusal' in dueAt) return Promise.resolve(dueAt.refusal);
    const minute = minuteOf(dueAt.value ?? clock.now());
    const told = crowding.toldTo(call.principal);
    const warning = told.at(minute);
    // as who asks is told of each: so what is offered tells no more than asking for all of them
    const quieter = warning
      ? quieterThan(minute, clock.now(), (at) => told.at(at) !== undefined)
      : [];
    return Promise.resolve({
      status: 200,
      body: { warnings: warning ? [warning] : [], quieter: quieter.map(toTimestamp) },
    });
  },
});
