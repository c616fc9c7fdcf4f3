import type { PastSchedule } from '../../../commands/schedules/schedule-as-of';
import type { AsOf } from '../../../domain/audit/as-of';
import { isJobId } from '../../../domain/ids';
import type { KnownSchedule } from '../../../domain/schedule/state';
import { actorOf, isOperator } from '../../access/principal';
import { RETRY_AFTER } from '../../http/failures';
import { readAsOf, scheduleIdOf, together } from '../../http/parameters';
import { plainContext } from '../../http/preconditions';
import type { Refusal } from '../../http/problem';
import type { Answer, Call, Route } from '../../http/route';
import { isFresh, lagHeader, lagHeaderAnswer } from '../../http/staleness';
import { scheduleSchema } from '../../schemas/schedule-answers';
import { afterParameter, answered, asOfParameter, JOB_ROLES } from '../described';
import { etagOf } from '../jobs/answers';
import { scheduleBody } from './answers';
import type { SchedulesDeps } from './deps';

type Found = { readonly schedule: KnownSchedule; readonly isFromStream: boolean };

/**
 * A schedule by the read model or, where that does not have it yet, by its stream. What is not to be seen goes the same
 * way, so that a foreign schedule answers like an unknown one.
 */
export const findSchedule = async (
  { known, commands, streamReads, freshness }: SchedulesDeps,
  call: Call,
  scheduleId: string,
): Promise<Found | Refusal> => {
  const { principal, inTime } = call;
  if (!isJobId(scheduleId)) return { code: 'schedule-not-found' };
  const fresh = await isFresh(call, freshness);
  if ('refusal' in fresh) return fresh.refusal;
  const row = fresh.value
    ? await inTime(() => known.find(scheduleId), 'read-model-unavailable')
    : undefined;
  if (row && (isOperator(principal) || row.definition.ownerId === principal.id))
    return { schedule: row, isFromStream: false };
  const read = await streamReads(principal.id, () =>
    inTime(() => commands.load(scheduleId, plainContext(call)), 'event-log-unavailable'),
  );
  if (!read) return { code: 'projection-behind', headers: RETRY_AFTER };
  return read.value.status === 'none'
    ? { code: 'schedule-not-found' }
    : { schedule: read.value, isFromStream: true };
};

/** A schedule as it stood then, and when that was. */
export const findPastSchedule = async (
  { asOf: pastOf, streamReads }: SchedulesDeps,
  { principal, inTime }: Call,
  scheduleId: string,
  asOf: AsOf,
): Promise<Omit<Extract<PastSchedule, { outcome: 'found' }>, 'outcome'> | Refusal> => {
  if (!isJobId(scheduleId)) return { code: 'schedule-not-found' };
  const read = await streamReads(principal.id, () =>
    inTime(() => pastOf(scheduleId, actorOf(principal), asOf)),
  );
  if (!read) return { code: 'projection-behind', headers: RETRY_AFTER };
  const past = read.value;
  if (past.outcome === 'none') return { code: 'schedule-not-found' };
  if (past.outcome === 'too-long') return { code: 'as-of-timed-out', headers: RETRY_AFTER };
  return past;
};

/** As it stood then, and what came next by the rule of then. */
const pastAnswer = async (
  deps: SchedulesDeps,
  call: Call,
  scheduleId: string,
  asOf: AsOf,
): Promise<Answer | Refusal> => {
  const past = await findPastSchedule(deps, call, scheduleId, asOf);
  if ('code' in past) return past;
  const then = { calendars: deps.calendars, clock: { now: () => past.at } };
  return { status: 200, body: scheduleBody(then, scheduleId, past.known) };
};

export const oneScheduleRoute = (deps: SchedulesDeps): Route => ({
  method: 'GET',
  path: '/v1/schedules/{scheduleId}',
  operationId: 'getSchedule',
  summary: 'Read a schedule',
  roles: JOB_ROLES,
  parameters: [afterParameter, asOfParameter],
  answers: answered(
    'The schedule as the read model has it, or the log where the read model is not there yet.',
    scheduleSchema,
    { headers: { ETag: 'The revision of the schedule.', ...lagHeaderAnswer } },
  ),
  late: 'event-log-unavailable',
  handle: async (call) => {
    const read = together({ scheduleId: scheduleIdOf(call), asOf: readAsOf(call, deps.clock) });
    if ('refusal' in read) return read.refusal;
    const { scheduleId, asOf } = read.value;
    if (asOf !== undefined) return await pastAnswer(deps, call, scheduleId, asOf);
    const found = await findSchedule(deps, call, scheduleId);
    if ('code' in found) return found;
    const { schedule, isFromStream } = found;
    return {
      status: 200,
      body: scheduleBody(deps, scheduleId, schedule),
      headers: {
        ETag: etagOf(schedule.revision),
        ...lagHeader(isFromStream ? 0 : deps.freshness.lag()?.ms),
      },
    };
  },
});
