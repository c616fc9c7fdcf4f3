import type {
  ScheduleAccepted,
  ScheduleAnswer,
  ScheduleCommandRejection,
} from '../../../commands/schedules/schedule-answers';
import type { KnownSchedule } from '../../../domain/schedule/state';
import { upcoming, type Upcoming } from '../../../domain/schedule/upcoming';
import { scheduleViewOf, type ScheduleView } from '../../../domain/schedule/view';
import { LIMITS } from '../../access/limits';
import { RETRY_AFTER } from '../../http/failures';
import type { Refusal } from '../../http/problem';
import type { Answer } from '../../http/route';
import { etagOf, refusalOfRejection } from '../jobs/answers';
import type { SchedulesDeps } from './deps';

export const schedulePath = (scheduleId: string): string => `/v1/schedules/${scheduleId}`;

type Computing = Pick<SchedulesDeps, 'calendars' | 'clock'>;

/** The next runs; none of a rule that cannot be computed. */
const nextOf = ({ calendars, clock }: Computing, schedule: KnownSchedule): readonly Upcoming[] => {
  const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
  return 'problem' in made
    ? []
    : upcoming(schedule, made.calendar, clock.now(), LIMITS.schedules.upcoming);
};

export const scheduleBody = (
  deps: Computing,
  scheduleId: string,
  schedule: KnownSchedule,
): ScheduleView & { readonly next: readonly Upcoming[] } => ({
  ...scheduleViewOf(scheduleId, schedule),
  next: nextOf(deps, schedule),
});

const refusalOf = (rejection: ScheduleCommandRejection): Refusal => {
  switch (rejection.code) {
    case 'too-many-changes':
      return { code: rejection.code, members: { max: rejection.max } };
    case 'backfill-too-large':
      return {
        code: rejection.code,
        members: { count: rejection.count, max: rejection.max },
      };
    case 'schedule-stopped':
      return { code: rejection.code, members: { problem: rejection.problem } };
    case 'schedule-not-found':
    case 'schedule-exists':
    case 'schedule-deleted':
    case 'schedule-paused':
    case 'schedule-not-paused':
    case 'occurrence-unknown':
    case 'occurrence-passed':
    case 'occurrence-cancelled':
    case 'nothing-to-backfill':
    case 'backfill-in-future':
      return { code: rejection.code };
    default:
      return refusalOfRejection(rejection);
  }
};

const acceptedAnswer = (
  deps: Computing,
  { scheduleId, schedule, revision, position, isReplay, jobIds }: ScheduleAccepted,
  status: number,
): Answer => ({
  status,
  body: {
    ...scheduleBody(deps, scheduleId, schedule),
    position: String(position),
    ...(jobIds.length > 0 && { jobIds }),
  },
  headers: {
    ETag: etagOf(revision),
    ...(status === 201 && { Location: schedulePath(scheduleId) }),
    ...(isReplay && { 'Idempotent-Replayed': 'true' }),
  },
});

/** The answer to a command on one schedule. */
export const scheduleAnswer = (
  deps: Computing,
  answer: ScheduleAnswer,
  status = 200,
): Answer | Refusal => {
  if (answer.outcome === 'contended') return { code: 'contended', headers: RETRY_AFTER };
  return answer.outcome === 'accepted'
    ? acceptedAnswer(deps, answer, status)
    : refusalOf(answer.rejection);
};
