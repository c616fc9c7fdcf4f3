import { reject } from '../../domain/decider';
import { scheduleStream } from '../../domain/ids';
import type { Calendar } from '../../domain/schedule/calendar';
import type { Calendars } from '../../domain/schedule/calendars';
import type { ScheduleCommand, ScheduleRejection } from '../../domain/schedule/commands';
import { schedule as decider } from '../../domain/schedule/decide';
import type { ScheduleDefinition } from '../../domain/schedule/definition';
import type { ScheduleEvent } from '../../domain/schedule/events';
import type { KnownSchedules } from '../../domain/schedule/known-schedules';
import { spreadOffsetMs } from '../../domain/schedule/spread';
import type { KnownSchedule, Planned, ScheduleState } from '../../domain/schedule/state';
import { fromTimestamp, toTimestamp, type Instant } from '../../domain/time';
import type { CommandContext, CommandRejection } from '../answers';
import { decideAndAppend } from '../decide-and-append';
import type { HandleDeps } from '../handle';
import type { JobCommands } from '../job-commands';
import { takeKey } from '../key-mark';
import { newEvents } from '../new-events';
import { jobIdsOf, jobsOf } from './plan';
import { makeJob, type PlannedJob } from './schedule-jobs';
import { loadSchedule, recordedBy, type LoadedSchedule } from './schedule-stream';

export type ScheduleCommandRejection =
  | ScheduleRejection
  /** Of the job that the occurrence has. */
  | CommandRejection
  /** The rule in force cannot be computed by this build. */
  | { readonly code: 'schedule-stopped'; readonly problem: string };

export type ScheduleAccepted = {
  readonly outcome: 'accepted';
  readonly scheduleId: string;
  readonly schedule: KnownSchedule;
  readonly revision: bigint;
  /** Commit position to wait for in a query that must see it; 0 when nothing was recorded. */
  readonly position: bigint;
  readonly isReplay: boolean;
  /** Of a trigger or a backfill: the jobs that it made, oldest occurrence first. */
  readonly jobIds: readonly string[];
};

export type ScheduleAnswer =
  | ScheduleAccepted
  | { readonly outcome: 'rejected'; readonly rejection: ScheduleCommandRejection }
  | { readonly outcome: 'contended' };

type Definition = Omit<ScheduleDefinition, 'ownerId'>;
type Change = (
  scheduleId: string,
  note: string | undefined,
  context: CommandContext,
) => Promise<ScheduleAnswer>;

/** What a user may ask of a schedule. Every call may throw as `EventLog` does, and ScheduleUnreadable. */
export type ScheduleCommands = {
  readonly create: (definition: Definition, context: CommandContext) => Promise<ScheduleAnswer>;
  readonly change: (
    scheduleId: string,
    definition: Definition,
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

export type ScheduleCommandDeps = HandleDeps & {
  readonly known: KnownSchedules;
  readonly calendars: Calendars;
  readonly jobs: Pick<JobCommands, 'cancel' | 'reschedule'>;
};

type Order = {
  readonly scheduleId: string;
  readonly context: CommandContext;
  /** Undefined for one that asks of a schedule that is there. */
  readonly isCreation?: true;
  readonly command: (at: Instant, found: Found) => ScheduleCommand;
  /** Needs the rule in force. */
  readonly needsCalendar?: true;
};

type Found = {
  readonly schedule: KnownSchedule | undefined;
  readonly calendar: Calendar | undefined;
};
type Loaded = LoadedSchedule & { readonly earlier?: ScheduleAnswer };

/** One schedule has few writers, and the planner is one of them: more lost races in a row are a fault. */
const MAX_ROUNDS = 10;

const rejected = (rejection: ScheduleCommandRejection): ScheduleAnswer => ({
  outcome: 'rejected',
  rejection,
});

const noteOf = (note: string | undefined): { readonly note?: string } =>
  note === undefined ? {} : { note };

const knownIn = (state: ScheduleState): KnownSchedule | undefined =>
  state.status === 'none' ? undefined : state;

const isForeign = ({ actor }: CommandContext, state: ScheduleState): boolean =>
  state.status !== 'none' && actor.kind !== 'operator' && state.definition.ownerId !== actor.id;

const afterAppend = (
  state: ScheduleState,
  events: readonly ScheduleEvent[],
  at: Instant,
  revision: bigint,
): ScheduleState =>
  events.reduce(
    (folded, event, index) =>
      decider.evolve(folded, {
        ...event,
        at,
        revision: revision - BigInt(events.length - 1 - index),
      }),
    state,
  );

/** Of events that make runs right now. */
const jobIdsIn = (events: readonly ScheduleEvent[]): readonly string[] =>
  events.flatMap((event) => {
    if (event.type === 'ScheduleTriggered') return [event.data.jobId];
    if (event.type === 'OccurrencesBackfilled')
      return event.data.occurrences.map(({ jobId }) => jobId);
    return [];
  });

const plannedJob = (
  scheduleId: string,
  { definition }: KnownSchedule,
  { jobId, occurrenceAt, dueAt }: Planned,
): PlannedJob => ({ scheduleId, definition, jobId, occurrenceAt, dueAt });

export const scheduleCommands = (deps: ScheduleCommandDeps): ScheduleCommands => {
  const { log, ids, known, calendars, jobs } = deps;

  const commandIdOf = ({ scheduleId, context, isCreation }: Order): string => {
    const { idempotency, actor } = context;
    const target = isCreation ? 'schedules' : scheduleId;
    return idempotency ? ids.derive('command', actor.id, target, idempotency.key) : ids.next();
  };

  const accepted = (
    { scheduleId }: Order,
    schedule: KnownSchedule,
    position: bigint,
    more: Partial<ScheduleAccepted> = {},
  ): ScheduleAnswer => ({
    outcome: 'accepted',
    scheduleId,
    schedule,
    revision: schedule.revision,
    position,
    isReplay: false,
    jobIds: [],
    ...more,
  });

  /** What settles an order before anything is decided: a foreign schedule, a repeat, a stale If-Match. */
  const settled = async (
    order: Order,
    loaded: LoadedSchedule,
    commandId: string,
  ): Promise<ScheduleAnswer | undefined> => {
    const { context, scheduleId } = order;
    const { state } = loaded;
    if (isForeign(context, state)) return rejected({ code: 'schedule-not-found' });
    if (state.status === 'none') return undefined;
    if (context.idempotency) {
      const earlier = await recordedBy(log, scheduleId, loaded, commandId);
      if (earlier)
        return earlier.metadata.fingerprint === context.idempotency.fingerprint
          ? accepted(order, state, earlier.position, { isReplay: true })
          : rejected({ code: 'idempotency-key-reused' });
    }
    const isStale = context.ifMatch !== undefined && context.ifMatch !== state.revision;
    return isStale ? rejected({ code: 'revision-mismatch', revision: state.revision }) : undefined;
  };

  /** The job of a planned occurrence goes first: it knows whether it is still to be changed. */
  const changeJobs = async (
    { scheduleId, context }: Order,
    schedule: KnownSchedule,
    events: readonly ScheduleEvent[],
  ): Promise<ScheduleAnswer | undefined> => {
    const [event] = events;
    const isOfOne = event?.type === 'OccurrenceMoved' || event?.type === 'OccurrenceCancelled';
    if (!isOfOne) return undefined;
    const planned = schedule.ahead.find(({ jobId }) => jobId === event.data.jobId);
    if (!planned) return undefined;
    await makeJob(deps, plannedJob(scheduleId, schedule, planned));
    // what the request says of repeats and races is about the schedule
    const { idempotency: _key, ifMatch: _revision, ...asking } = context;
    const { note } = event.data;
    const answer =
      event.type === 'OccurrenceMoved'
        ? await jobs.reschedule(planned.jobId, fromTimestamp(event.data.dueAt), note, asking)
        : await jobs.cancel(planned.jobId, note, asking);
    return answer.outcome === 'accepted' ? undefined : answer;
  };

  const append = async (
    order: Order,
    commandId: string,
    events: readonly ScheduleEvent[],
    { state }: LoadedSchedule,
    at: Instant,
  ) => {
    const { scheduleId, context } = order;
    if (!(await takeKey(deps, { jobId: scheduleId, commandId, context }, at)))
      return reject(rejected({ code: 'idempotency-key-reused' }));
    const no = state.status === 'none' ? undefined : await changeJobs(order, state, events);
    if (no) return reject(no);
    const expected = state.status === 'none' ? 'no-stream' : state.revision;
    const metadata = {
      $correlationId: scheduleId,
      $causationId: context.correlationId,
      commandId,
      actor: context.actor,
      at: toTimestamp(at),
      ...(context.traceparent !== undefined && { traceparent: context.traceparent }),
      ...(context.idempotency && { fingerprint: context.idempotency.fingerprint }),
    };
    const seed = `${commandId}/${expected}/${ids.next()}`;
    return await log.append(
      scheduleStream(scheduleId),
      newEvents(ids, events, seed, metadata),
      expected,
    );
  };

  const found = (state: ScheduleState): Found & { readonly problem?: string } => {
    const schedule = knownIn(state);
    if (!schedule) return { schedule, calendar: undefined };
    const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
    return 'calendar' in made
      ? { schedule, calendar: made.calendar }
      : { schedule, calendar: undefined, problem: made.problem };
  };

  const handle = async (order: Order): Promise<ScheduleAnswer> => {
    const commandId = commandIdOf(order);
    const done = await decideAndAppend<Loaded, ScheduleEvent, ScheduleAnswer>(deps, {
      maxRounds: MAX_ROUNDS,
      load: async () => {
        const loaded = await loadSchedule(log, known, order.scheduleId);
        const earlier = await settled(order, loaded, commandId);
        return { ...loaded, ...(earlier && { earlier }) };
      },
      decide: (at, { state, earlier }) => {
        if (earlier) return reject(earlier);
        const { problem, ...there } = found(state);
        if (order.needsCalendar && problem !== undefined)
          return reject(rejected({ code: 'schedule-stopped', problem }));
        if (order.needsCalendar && !there.calendar)
          return reject(rejected({ code: 'schedule-not-found' }));
        const decision = decider.decide(order.command(at, there), state);
        return decision.outcome === 'rejected' ? reject(rejected(decision.rejection)) : decision;
      },
      append: (events, loaded, at) => append(order, commandId, events, loaded, at),
    });
    if (done.outcome === 'contended') return done;
    if (done.outcome === 'rejected') return done.rejection;
    const { state, position = 0n } = done.loaded;
    if (done.outcome === 'unchanged') {
      const schedule = knownIn(state);
      return schedule
        ? accepted(order, schedule, position)
        : rejected({ code: 'schedule-not-found' });
    }
    const schedule = knownIn(afterAppend(state, done.events, done.at, done.revision));
    if (!schedule) return rejected({ code: 'schedule-not-found' });
    await makeJobsNow(order.scheduleId, schedule, done.events);
    const jobIds = jobIdsIn(done.events);
    return accepted(order, schedule, done.position, { jobIds });
  };

  /** So that nobody waits for the planner; what is not done here, it does. */
  const makeJobsNow = async (
    scheduleId: string,
    schedule: KnownSchedule,
    events: readonly ScheduleEvent[],
  ): Promise<void> => {
    for (const job of jobsOf(scheduleId, schedule, events))
      try {
        await makeJob(deps, job);
      } catch {
        return; // the events are recorded, and say which jobs there have to be
      }
  };

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
  const offsetOf = (scheduleId: string, { spreadMs }: Definition): number =>
    spreadOffsetMs(scheduleId, spreadMs);

  return {
    create: (definition, context) => {
      const { idempotency, actor } = context;
      const scheduleId = idempotency
        ? ids.derive('schedule', actor.id, idempotency.key)
        : ids.next();
      return handle({
        scheduleId,
        context,
        isCreation: true,
        command: (at) => ({
          type: 'CreateSchedule',
          at,
          offsetMs: offsetOf(scheduleId, definition),
          definition: { ...definition, ownerId: actor.id },
        }),
      });
    },
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
          occurrenceAt,
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
          occurrenceAt,
          calendar: ofCalendar(there),
          ...noteOf(note),
        }),
      }),
    load: async (scheduleId, context) => {
      const { state } = await loadSchedule(log, known, scheduleId);
      return isForeign(context, state) ? { status: 'none' } : state;
    },
  };
};
