import type { AsOf } from '../../domain/audit/as-of';
import type { Actor } from '../../domain/events/metadata';
import { living } from '../../domain/schedule/event-kinds/kind';
import type { ScheduleFilter, ScheduleKey } from '../../domain/schedule/filter';
import type { KnownSchedule } from '../../domain/schedule/state';
import { scheduleViewOf, type ScheduleView } from '../../domain/schedule/view';
import { toTimestamp, type Instant, type Timestamp } from '../../domain/time';
import { pastPage } from '../past/past-page';
import type { PastSchedule } from './schedule-as-of';
import { ScheduleUnreadable } from './schedule-stream';

export type PastScheduleListDeps = {
  /** Schedules that were ever made, the newest first, but for those that were deleted by `deletedAfter`. */
  readonly made: (
    which: { readonly ownerId?: string; readonly deletedAfter?: AsOf },
    page: { readonly limit: number; readonly after?: ScheduleKey },
  ) => Promise<readonly ScheduleKey[]>;
  /** One of them as it stood then. */
  readonly asOf: (
    scheduleId: string,
    actor: Actor,
    asOf: AsOf,
    signal: AbortSignal,
  ) => Promise<PastSchedule>;
  /** Which of the names have the part, upper and lower case alike. */
  readonly havingPart: (names: readonly string[], part: string) => Promise<ReadonlySet<string>>;
};

export type PastScheduleListRequest = {
  readonly asOf: AsOf;
  readonly actor: Actor;
  readonly filter: ScheduleFilter;
  /** Absent: all of them on one page. */
  readonly limit?: number;
  readonly after?: ScheduleKey;
  readonly signal: AbortSignal;
};

/** Without its payload, as in the list of the present. */
export type PastListedSchedule = ScheduleView & {
  /** When the next run was due that had a job already; null when there was none. */
  readonly nextDueAt: Timestamp | null;
};

export type PastSchedulePage = {
  readonly items: readonly PastListedSchedule[];
  readonly next?: ScheduleKey;
};

/** Comes first of all that were made at a time or before: no schedule has this id, and none later is listed. */
const upTo = (at: Instant): ScheduleKey => ({
  createdAt: at + 1,
  scheduleId: '00000000-0000-0000-0000-000000000000',
});

type Found = {
  readonly scheduleId: string;
  readonly schedule: KnownSchedule;
  /** The moment that was asked for. */
  readonly at: Instant;
};

const keyOf = ({ scheduleId, schedule }: Found): ScheduleKey => ({
  createdAt: schedule.createdAt,
  scheduleId,
});

const listed = ({ scheduleId, schedule, at }: Found): PastListedSchedule => {
  const { payload: _leftOut, ...job } = schedule.definition.job;
  const definition = { ...schedule.definition, job };
  const ahead = schedule.ahead.map(({ dueAt }) => dueAt).filter((dueAt) => dueAt > at);
  return {
    ...scheduleViewOf(scheduleId, { ...schedule, definition }),
    nextDueAt: ahead.length === 0 ? null : toTimestamp(Math.min(...ahead)),
  };
};

/**
 * A list of schedules as it stood then: same filters, same order. One that cannot be read is left out, and holds up no
 * other.
 *
 * @throws EventLogUnavailable, EventTooNew, what the read model throws, or the reason of an aborted `signal`
 */
export const pastScheduleList =
  (deps: PastScheduleListDeps) =>
  async (request: PastScheduleListRequest): Promise<PastSchedulePage> => {
    const { asOf, actor, filter, limit, signal } = request;
    const { ownerId, status = living, q } = filter;

    const then = async ({ scheduleId }: ScheduleKey): Promise<readonly Found[]> => {
      const past = await deps
        .asOf(scheduleId, actor, asOf, signal)
        .catch((error: unknown): PastSchedule => {
          if (error instanceof ScheduleUnreadable) return { outcome: 'none' };
          throw error;
        });
      if (past.outcome === 'too-long') signal.throwIfAborted();
      return past.outcome === 'found' && status.includes(past.known.status)
        ? [{ scheduleId, schedule: past.known, at: past.at }]
        : [];
    };
    const named = async (past: readonly Found[]) => {
      if (q === undefined || past.length === 0) return past;
      const nameOf = ({ schedule }: Found): string => schedule.definition.name;
      const names = await deps.havingPart([...new Set(past.map(nameOf))], q);
      return past.filter((one) => names.has(nameOf(one)));
    };

    const which = {
      ...(ownerId !== undefined && { ownerId }),
      // an owner may have deleted thousands
      ...(!status.includes('deleted') && { deletedAfter: asOf }),
    };
    const after = request.after ?? (asOf.kind === 'time' ? upTo(asOf.at) : undefined);
    const { items, next } = await pastPage(
      {
        made: (page) => deps.made(which, page),
        listed: async (keys) => await named((await Promise.all(keys.map(then))).flat()),
        keyOf,
      },
      { ...(limit !== undefined && { limit }), after, signal },
    );
    return { items: items.map(listed), ...(next && { next }) };
  };
