import type { Ids } from '../../domain/ids';
import type { Calendar } from '../../domain/schedule/calendar';
import type { ScheduleCommand } from '../../domain/schedule/commands';
import type { ScheduleDefinition } from '../../domain/schedule/definition';
import { spreadOffsetMs } from '../../domain/schedule/spread';
import type { KnownSchedule, ScheduleState } from '../../domain/schedule/state';
import type { Instant } from '../../domain/time';
import type { CommandContext } from '../answers';
import { scheduleHandler, type Found, type ScheduleCommandDeps } from './handle-schedule';
import { jobIdsOf } from './plan';
import type { ScheduleAnswer } from './schedule-answers';
import { loadScheduleFor } from './schedule-stream';

export type AskedDefinition = Omit<ScheduleDefinition, 'ownerId'>;
type Change = (
  scheduleId: string,
  note: string | undefined,
  context: CommandContext,
) => Promise<ScheduleAnswer>;

/** What a user may ask of a schedule. Every call may throw as `EventLog` does, and ScheduleUnreadable. */
export type ScheduleCommands = {
  readonly create: (
    definition: AskedDefinition,
    context: CommandContext,
  ) => Promise<ScheduleAnswer>;
  /** The answer to an earlier creation with the same key; undefined without a key or such an answer. */
  readonly createdBefore: (context: CommandContext) => Promise<ScheduleAnswer | undefined>;
  readonly change: (
    scheduleId: string,
    definition: AskedDefinition,
    context: CommandContext,
  ) => Promise<ScheduleAnswer>;
  readonly pause: Change;
  readonly resume: Change;
  readonly remove: Change;
  readonly trigger: Change;
  readonly backfill: (
    scheduleId: string,
    from: Instant,
    to: Instant,
    context: CommandContext,
  ) => Promise<ScheduleAnswer>;
  /** `occurrenceAt` is what the rule says, or where a look at the schedule shows its run. */
  readonly moveOccurrence: (
    scheduleId: string,
    occurrenceAt: Instant,
    dueAt: Instant,
    note: string | undefined,
    context: CommandContext,
  ) => Promise<ScheduleAnswer>;
  readonly cancelOccurrence: (
    scheduleId: string,
    occurrenceAt: Instant,
    note: string | undefined,
    context: CommandContext,
  ) => Promise<ScheduleAnswer>;
  /** The schedule as its stream has it now; a foreign one is `none`. */
  readonly load: (scheduleId: string, context: CommandContext) => Promise<ScheduleState>;
};

/**
 * The occurrence that somebody means who names a time: the rule's own, or else the one whose run is due then, moved or
 * spread. A time that is neither stays as it is.
 */
const meant = (
  { ahead, exceptions, offsetMs }: KnownSchedule,
  calendar: Calendar,
  at: Instant,
): Instant => {
  const single = [...ahead, ...exceptions];
  const isOfRule = (time: Instant): boolean =>
    calendar.next(time - 1) === time || single.some(({ occurrenceAt }) => occurrenceAt === time);
  if (isOfRule(at)) return at;
  const moved = single.find(({ dueAt }) => dueAt === at);
  if (moved) return moved.occurrenceAt;
  return isOfRule(at - offsetMs) ? at - offsetMs : at;
};

const newSchedule = (ids: Ids, { idempotency, actor }: CommandContext): string =>
  idempotency ? ids.derive('schedule', actor.id, idempotency.key) : ids.next();

const noteOf = (note: string | undefined): { readonly note?: string } =>
  note === undefined ? {} : { note };

export const scheduleCommands = (deps: ScheduleCommandDeps): ScheduleCommands => {
  const { log, ids, known } = deps;
  const { handle, answeredBefore } = scheduleHandler(deps);

  const change =
    (
      command: (at: Instant, note: string | undefined, found: Found, id: string) => ScheduleCommand,
      needsCalendar?: true,
    ): Change =>
    (scheduleId, note, context) =>
      handle({
        ...{ scheduleId, context, ...(needsCalendar && { needsCalendar }) },
        command: (at, there) => command(at, note, there, scheduleId),
      });

  const ofCalendar = ({ calendar }: Found): Calendar => {
    if (!calendar) throw new Error('the rule in force is needed, and was not computed');
    return calendar;
  };
  const named = (there: Found, at: Instant): Instant =>
    there.schedule ? meant(there.schedule, ofCalendar(there), at) : at;
  const offsetOf = (scheduleId: string, { spreadMs }: AskedDefinition): number =>
    spreadOffsetMs(scheduleId, spreadMs);

  return {
    create: (definition, context) => {
      const scheduleId = newSchedule(ids, context);
      return handle({
        scheduleId,
        context,
        isCreation: true,
        command: (at) => ({
          type: 'CreateSchedule',
          at,
          offsetMs: offsetOf(scheduleId, definition),
          definition: { ...definition, ownerId: context.actor.id },
        }),
      });
    },
    createdBefore: async (context) =>
      context.idempotency &&
      (await answeredBefore({ scheduleId: newSchedule(ids, context), context, isCreation: true })),
    change: (scheduleId, definition, context) =>
      handle({
        scheduleId,
        context,
        command: (at, { schedule, calendar }) => ({
          type: 'ChangeSchedule',
          at,
          offsetMs: offsetOf(scheduleId, definition),
          // an operator changes a schedule, not whose it is
          definition: {
            ...definition,
            ownerId: schedule?.definition.ownerId ?? context.actor.id,
          },
          ...(calendar && { calendar }),
        }),
      }),
    pause: change((at, note) => ({ type: 'PauseSchedule', at, ...noteOf(note) })),
    resume: change(
      (at, note, there) => ({
        type: 'ResumeSchedule',
        at,
        calendar: ofCalendar(there),
        ...noteOf(note),
      }),
      true,
    ),
    remove: change((at, note, { calendar }) => ({
      ...{ type: 'DeleteSchedule', at, ...noteOf(note), ...(calendar && { calendar }) },
    })),
    trigger: change((at, note, _there, scheduleId) => ({
      type: 'TriggerSchedule',
      at,
      jobIds: jobIdsOf(ids, scheduleId),
      ...noteOf(note),
    })),
    backfill: (scheduleId, from, to, context) =>
      handle({
        scheduleId,
        context,
        needsCalendar: true,
        command: (at, there) => ({
          type: 'BackfillSchedule',
          at,
          from,
          to,
          calendar: ofCalendar(there),
          jobIds: jobIdsOf(ids, scheduleId),
        }),
      }),
    moveOccurrence: (scheduleId, occurrenceAt, dueAt, note, context) =>
      handle({
        scheduleId,
        context,
        needsCalendar: true,
        command: (at, there) => ({
          type: 'MoveOccurrence',
          at,
          occurrenceAt: named(there, occurrenceAt),
          dueAt,
          calendar: ofCalendar(there),
          jobIds: jobIdsOf(ids, scheduleId),
          ...noteOf(note),
        }),
      }),
    cancelOccurrence: (scheduleId, occurrenceAt, note, context) =>
      handle({
        scheduleId,
        context,
        needsCalendar: true,
        command: (at, there) => ({
          type: 'CancelOccurrence',
          at,
          occurrenceAt: named(there, occurrenceAt),
          calendar: ofCalendar(there),
          ...noteOf(note),
        }),
      }),
    load: async (scheduleId, { actor }) =>
      (await loadScheduleFor(log, known, scheduleId, actor)).state,
  };
};
