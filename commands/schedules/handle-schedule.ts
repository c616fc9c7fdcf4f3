import { foldAppended, reject } from '../../domain/decider';
import { scheduleStream, type Ids } from '../../domain/ids';
import type { Calendar } from '../../domain/schedule/calendar';
import type { Calendars } from '../../domain/schedule/calendars';
import type { ScheduleCommand } from '../../domain/schedule/commands';
import { schedule as decider } from '../../domain/schedule/decide';
import type { ScheduleEvent } from '../../domain/schedule/events';
import type { KnownSchedules } from '../../domain/schedule/known-schedules';
import type { KnownSchedule, ScheduleState } from '../../domain/schedule/state';
import { fromTimestamp, type Instant } from '../../domain/time';
import type { CommandContext } from '../answers';
import { appendFor, commandIdOf } from '../append-request';
import { decideAndAppend } from '../decide-and-append';
import type { HandleDeps } from '../handle';
import type { JobCommands } from '../job-commands';
import { takeKey } from '../key-mark';
import { unlessHalfDone } from './half-done';
import { jobsOf } from './plan';
import type {
  ScheduleAccepted,
  ScheduleAnswer,
  ScheduleCommandRejection,
} from './schedule-answers';
import { jobsNowOf, plannedJob, takenBackBy } from './jobs-now';
import { makeJob } from './schedule-jobs';
import { loadSchedule, loadScheduleFor, readFacts, type LoadedSchedule } from './schedule-stream';

export type ScheduleCommandDeps = HandleDeps & {
  readonly known: KnownSchedules;
  readonly calendars: Calendars;
  readonly jobs: Pick<JobCommands, 'cancel' | 'reschedule'>;
};

type Asked = {
  readonly scheduleId: string;
  readonly context: CommandContext;
  /** Undefined for one that asks of a schedule that is there. */
  readonly isCreation?: true;
};

export type ScheduleOrder = Asked & {
  readonly command: (at: Instant, found: Found) => ScheduleCommand;
  /** Needs the rule in force. */
  readonly needsCalendar?: true;
};

export type Found = {
  readonly schedule: KnownSchedule | undefined;
  readonly calendar: Calendar | undefined;
};
type Loaded = LoadedSchedule & { readonly earlier?: ScheduleAnswer };

/** One schedule has few writers, and the planner is one of them: more lost races in a row are a fault. */
const MAX_ROUNDS = 10;

/** How far back a repeated request is looked for. */
const REMEMBERED_EVENTS = 1_000n;

const latestFrom = (revision: bigint): bigint =>
  revision > REMEMBERED_EVENTS ? revision - REMEMBERED_EVENTS : 0n;

const rejected = (rejection: ScheduleCommandRejection): ScheduleAnswer => ({
  outcome: 'rejected',
  rejection,
});

const knownIn = (state: ScheduleState): KnownSchedule | undefined =>
  state.status === 'none' ? undefined : state;

/** Of events that make runs right now. */
const jobIdsIn = (events: readonly ScheduleEvent[]): readonly string[] =>
  events.flatMap((event) => {
    if (event.type === 'ScheduleTriggered') return [event.data.jobId];
    if (event.type === 'OccurrencesBackfilled')
      return event.data.occurrences.map(({ jobId }) => jobId);
    return [];
  });

/** Of a request for a schedule. */
const commandIdFor = (ids: Ids, { scheduleId, context, isCreation }: Asked): string =>
  commandIdOf(ids, isCreation ? 'schedules' : scheduleId, context);

export const scheduleHandler = (deps: ScheduleCommandDeps) => {
  const { log, ids, known, calendars, jobs } = deps;
  const jobsNow = jobsNowOf(deps);

  const accepted = (
    { scheduleId }: Asked,
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

  /** The answer to an earlier request with the same key; undefined when there was none. */
  const replay = async (
    order: Asked,
    loaded: LoadedSchedule & { readonly state: KnownSchedule },
  ): Promise<ScheduleAnswer | undefined> => {
    const { scheduleId, context, isCreation } = order;
    const { idempotency } = context;
    if (!idempotency) return undefined;
    const { revision } = loaded.state;
    const events = isCreation
      ? await readFacts(log, scheduleId, context.actor.id, 0n, 1)
      : await readFacts(log, scheduleId, undefined, latestFrom(revision));
    const earlier = events.filter(
      ({ metadata }) => metadata.commandId === commandIdFor(ids, order),
    );
    const last = earlier.at(-1);
    if (!last) return undefined;
    return last.metadata.fingerprint === idempotency.fingerprint
      ? accepted(order, loaded.state, last.position, {
          isReplay: true,
          jobIds: jobIdsIn(earlier),
        })
      : rejected({ code: 'idempotency-key-reused' });
  };

  /** What settles an order before anything is decided: a repeat, a stale If-Match. */
  const settled = async (
    order: Asked,
    { state, ...loaded }: LoadedSchedule,
  ): Promise<ScheduleAnswer | undefined> => {
    if (state.status === 'none') return undefined;
    const earlier = await replay(order, { ...loaded, state });
    if (earlier) return earlier;
    const { ifMatch } = order.context;
    const isStale = ifMatch !== undefined && ifMatch !== state.revision;
    return isStale ? rejected({ code: 'revision-mismatch', revision: state.revision }) : undefined;
  };

  /** One that is made has an id made of who asks, or a new one: nobody else's can be met there. */
  const load = ({ scheduleId, context, isCreation }: Asked): Promise<LoadedSchedule> =>
    isCreation
      ? loadSchedule(log, known, scheduleId)
      : loadScheduleFor(log, known, scheduleId, context.actor);

  const answeredBefore = async (order: Asked): Promise<ScheduleAnswer | undefined> =>
    await settled(order, await load(order));

  /**
   * The job of a planned occurrence goes first: it knows whether it is still to be changed.
   *
   * @returns what it says no to, whether it was changed, or undefined where there is none
   */
  const changeJobs = async (
    { scheduleId, context }: ScheduleOrder,
    schedule: KnownSchedule,
    events: readonly ScheduleEvent[],
  ): Promise<ScheduleAnswer | 'changed' | undefined> => {
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
    return answer.outcome === 'accepted' ? 'changed' : answer;
  };

  const append = async (
    order: ScheduleOrder,
    commandId: string,
    events: readonly ScheduleEvent[],
    { state }: LoadedSchedule,
    at: Instant,
    onJobChanged: () => void,
  ) => {
    const { scheduleId, context } = order;
    const request = {
      stream: scheduleStream(scheduleId),
      subjectId: scheduleId,
      commandId,
      context,
    };
    if (!(await takeKey(deps, request, at)))
      return reject(rejected({ code: 'idempotency-key-reused' }));
    const ofJob = state.status === 'none' ? undefined : await changeJobs(order, state, events);
    if (ofJob === 'changed') onJobChanged();
    else if (ofJob) return reject(ofJob);
    const expected = state.status === 'none' ? 'no-stream' : state.revision;
    return await appendFor(deps, { ...request, expected }, events, at);
  };

  const found = (state: ScheduleState): Found & { readonly problem?: string } => {
    const schedule = knownIn(state);
    if (!schedule) return { schedule, calendar: undefined };
    const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
    return 'calendar' in made
      ? { schedule, calendar: made.calendar }
      : { schedule, calendar: undefined, problem: made.problem };
  };

  const decideOn = (order: ScheduleOrder, onJobChanged: () => void) => {
    const commandId = commandIdFor(ids, order);
    return decideAndAppend<Loaded, ScheduleEvent, ScheduleAnswer>(deps, {
      maxRounds: MAX_ROUNDS,
      load: async () => {
        const loaded = await load(order);
        const earlier = await settled(order, loaded);
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
      append: (events, loaded, at) => append(order, commandId, events, loaded, at, onJobChanged),
    });
  };

  const handle = async (order: ScheduleOrder): Promise<ScheduleAnswer> => {
    const done = await unlessHalfDone(order.scheduleId, (onJobChanged) =>
      decideOn(order, onJobChanged),
    );
    if (done.outcome === 'contended') return done;
    if (done.outcome === 'rejected') return done.rejection;
    const { state, position = 0n } = done.loaded;
    if (done.outcome === 'unchanged') {
      const schedule = knownIn(state);
      return schedule
        ? accepted(order, schedule, position)
        : rejected({ code: 'schedule-not-found' });
    }
    const schedule = knownIn(foldAppended(decider.evolve, state, done));
    if (!schedule) return rejected({ code: 'schedule-not-found' });
    await jobsNow.make(jobsOf(order.scheduleId, schedule, done.events));
    const before = knownIn(state);
    const taken = before && takenBackBy(order.scheduleId, before, done.events, done.at);
    if (taken) await jobsNow.takeBack(taken);
    const jobIds = jobIdsIn(done.events);
    return accepted(order, schedule, done.position, { jobIds });
  };

  return { handle, answeredBefore };
};
