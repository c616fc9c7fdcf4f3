import type { HistoryPage } from '../../../commands/schedules/schedule-history';
import type { Actor } from '../../../domain/events/metadata';
import { LIMITS } from '../../access/limits';
import { actorOf } from '../../access/principal';
import { optional, readLimit, readPosition, scheduleIdOf, together } from '../../http/parameters';
import type { Route } from '../../http/route';
import { scheduleEventsSchema, scheduleStorySchema } from '../../schemas/schedule-answers';
import { afterParameter, answered, cursorParameter, JOB_ROLES, limitParameter } from '../described';
import type { SchedulesDeps } from './deps';

type Told = Pick<Route, 'path' | 'operationId' | 'summary' | 'answers'> & {
  readonly tell: (
    scheduleId: string,
    actor: Actor,
    page: HistoryPage,
  ) => Promise<(object & { readonly olderBefore?: bigint }) | undefined>;
};

/** A place in a history. It opens nothing: whose history is told never comes from it. */
const readRevision = (text: string): { value: bigint } | { problem: 'bad-cursor' } =>
  /^\d{1,18}$/.test(text) ? { value: BigInt(text) } : { problem: 'bad-cursor' };

/** What the log itself tells of a schedule: the newest part first, for the streams of some are long. */
const toldRoute = ({ tell, ...told }: Told): Route => ({
  ...told,
  method: 'GET',
  roles: JOB_ROLES,
  // the log is never behind: nothing waits for `after`
  parameters: [limitParameter('Events'), cursorParameter, afterParameter],
  late: 'event-log-unavailable',
  handle: async (call) => {
    const read = together({
      scheduleId: scheduleIdOf(call),
      limit: optional(call, 'limit', readLimit),
      before: optional(call, 'cursor', readRevision),
      after: optional(call, 'after', readPosition),
    });
    if ('refusal' in read) return read.refusal;
    const { scheduleId, limit = LIMITS.defaultPageLimit, before } = read.value;
    const page = { limit, ...(before !== undefined && { before }) };
    const part = await call.inTime(() => tell(scheduleId, actorOf(call.principal), page));
    if (!part) return { code: 'schedule-not-found' };
    const { olderBefore, ...body } = part;
    return {
      status: 200,
      body: { ...body, ...(olderBefore !== undefined && { nextCursor: String(olderBefore) }) },
    };
  },
});

export const scheduleHistoryRoutes = ({
  history,
}: Pick<SchedulesDeps, 'history'>): readonly Route[] => [
  toldRoute({
    path: '/v1/schedules/{scheduleId}/events',
    operationId: 'getScheduleHistory',
    summary: 'Read what happened to a schedule',
    answers: answered('From the log, the newest page first.', scheduleEventsSchema),
    tell: history.events,
  }),
  toldRoute({
    path: '/v1/schedules/{scheduleId}/story',
    operationId: 'getScheduleStory',
    summary: 'Read what happened to a schedule, in sentences',
    answers: answered('Its story, told from the log.', scheduleStorySchema),
    tell: history.story,
  }),
];
