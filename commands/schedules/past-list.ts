import type { AsOf } from '../../domain/audit/as-of';
import type { Actor } from '../../domain/events/metadata';
import { living } from '../../domain/schedule/event-kinds/kind';
import type { ScheduleFilter, ScheduleKey } from '../../domain/schedule/filter';
import type { KnownSchedule } from '../../domain/schedule/state';
import { scheduleViewOf, type ScheduleView } from '../../domain/schedule/view';
import { toTimestamp, type Instant, type Timestamp } from '../../domain/time';
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

/** Schedules of one look at the read model, and streams that are read at once. */
const KEYS = 64;
const READS_AT_ONCE = 8;

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
 * A list of schedules as it stood then: same filters, same order. When a schedule was made does not change, so the
 * list of today has them in that order, and each is folded from its stream until a page is full. One that cannot be
 * read is left out, and holds up no other.
 *
 * @throws EventLogUnavailable, EventTooNew, what the read model throws, or the reason of an aborted `signal`
 */
export const pastScheduleList =
  (deps: PastScheduleListDeps) =>
  async (request: PastScheduleListRequest): Promise<PastSchedulePage> => {
    const { asOf, actor, filter, limit = Infinity, signal } = request;
    const { ownerId, status = living, q } = filter;

    const then = async ({ scheduleId }: ScheduleKey): Promise<readonly Found[]> => {
      const past = await deps
        .asOf(scheduleId, actor, asOf, signal)
        .catch((error: unknown): PastSchedule => {
          if (error instanceof ScheduleUnreadable) return { outcome: 'none' };
          throw error;
        });
      if (past.outcome === 'too-long') signal.throwIfAborted();
      return past.outcome === 'found' && status.includes(past.schedule.status)
        ? [{ scheduleId, schedule: past.schedule, at: past.at }]
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
    const found: Found[] = [];
    /** @returns whether there are more than a page has */
    const look = async (keys: readonly ScheduleKey[]): Promise<boolean> => {
      for (let at = 0; at < keys.length && found.length <= limit; at += READS_AT_ONCE) {
        signal.throwIfAborted();
        const past = await Promise.all(keys.slice(at, at + READS_AT_ONCE).map(then));
        found.push(...(await named(past.flat())));
      }
      return found.length > limit;
    };
    let after = request.after ?? (asOf.kind === 'time' ? upTo(asOf.at) : undefined);
    for (;;) {
      const keys = await deps.made(which, { limit: KEYS, ...(after && { after }) });
      const isFull = await look(keys);
      const last = found[limit - 1];
      if (isFull && last) return { items: found.slice(0, limit).map(listed), next: keyOf(last) };
      if (keys.length < KEYS) return { items: found.map(listed) };
      after = keys.at(-1);
    }
  };
