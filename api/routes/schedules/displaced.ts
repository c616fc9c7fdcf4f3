import { displacedBy } from '../../../domain/schedule/displaced';
import type { ScheduleFilter } from '../../../domain/schedule/filter';
import type { KnownSchedule } from '../../../domain/schedule/state';
import { toTimestamp } from '../../../domain/time';
import { LIMITS } from '../../access/limits';
import { pagingOf } from '../../http/cursor';
import { ownerOf, withoutUndefined } from '../../http/parameters';
import type { Route } from '../../http/route';
import { lagHeader, lagHeaderAnswer, staleness } from '../../http/staleness';
import { displacedSchema } from '../../schemas/schedule-answers';
import { afterParameter, answered, cursorParameter, JOB_ROLES, ownerParameter } from '../described';
import type { SchedulesDeps } from './deps';
import { sharing } from './request';

/** Only these have runs that are to come. */
const withRuns: ScheduleFilter['status'] = ['active', 'completed'];

const displacedOf = (
  { calendars, clock }: Pick<SchedulesDeps, 'calendars' | 'clock'>,
  scheduleId: string,
  schedule: KnownSchedule,
): readonly object[] => {
  const { name, ownerId, rule } = schedule.definition;
  const made = calendars.of(rule, schedule.ruleSince);
  if ('problem' in made) return [];
  const found = displacedBy(schedule, made.calendar, clock.now());
  if (found.length === 0) return [];
  const occurrences = found.map(({ planned: { occurrenceAt, dueAt, jobId }, dueAt: right }) => ({
    occurrenceAt: toTimestamp(occurrenceAt),
    dueAt: toTimestamp(dueAt),
    jobId,
    ...(right !== undefined && { movesTo: toTimestamp(right) }),
  }));
  return [{ scheduleId, name, ownerId, timeZone: rule.timeZone, occurrences }];
};

/** What newer zone data would move. A page looks at as many schedules as any page has, and tells the few of them. */
export const displacedRoute = (deps: SchedulesDeps): Route => ({
  method: 'GET',
  path: '/v1/schedules/displaced',
  operationId: 'listDisplacedOccurrences',
  summary: 'List planned runs that the zone data of this build has at another time',
  roles: JOB_ROLES,
  parameters: [ownerParameter, cursorParameter, afterParameter],
  answers: answered('One page, often without any.', displacedSchema, { headers: lagHeaderAnswer }),
  late: 'read-model-unavailable',
  handle: async (call) => {
    const { list, known, cursors, freshness, zones } = deps;
    const owner = ownerOf(call);
    if ('refusal' in owner) return owner.refusal;
    const filter: ScheduleFilter = withoutUndefined({ ownerId: owner.value, status: withRuns });
    const { id, role } = call.principal;
    const paging = pagingOf(call, cursors, ['displaced', id, role, filter]);
    if ('refusal' in paging) return paging.refusal;
    const { after, write } = paging.value;
    const stale = await staleness(call, freshness);
    if (stale) return stale;
    return await call.inTime(async () => {
      const { items, next } = await list(filter, {
        limit: LIMITS.defaultPageLimit,
        ...(after && { after: { createdAt: after.at, scheduleId: after.id } }),
      });
      const found: object[] = [];
      // one by one: others wait for the same connections, and for the loop while a costly rule is read
      for (const { scheduleId } of items) {
        const schedule = await known.find(scheduleId);
        if (!schedule) continue;
        const displaced = sharing(deps.share, call, () => ({
          value: displacedOf(deps, scheduleId, schedule),
        }));
        if ('refusal' in displaced) return displaced.refusal;
        found.push(...displaced.value);
      }
      return {
        status: 200,
        body: {
          tzdata: zones.version,
          items: found,
          ...(next && { nextCursor: write({ at: next.createdAt, id: next.scheduleId }) }),
        },
        headers: lagHeader(freshness.lag()?.ms),
      };
    });
  },
});
