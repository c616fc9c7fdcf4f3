import { fold } from '../../domain/decider';
import type { Calendar } from '../../domain/schedule/calendar';
import type { LastRun, ScheduleCommand } from '../../domain/schedule/commands';
import { schedule } from '../../domain/schedule/decide';
import type { ScheduleDefinition } from '../../domain/schedule/definition';
import type { ScheduleEvent } from '../../domain/schedule/events';
import type { KnownSchedule, ScheduleState } from '../../domain/schedule/state';
import { fromTimestamp } from '../../domain/time';

const DAY = '2026-12-07';

/** An instant of one day: `10:42`, `23:59:30`, or of another (`2026-12-09T10:00`). */
export const at = (text: string): number =>
  fromTimestamp(
    `${text.includes('T') ? text : `${DAY}T${text}`}${text.split(':').length === 2 ? ':00' : ''}.000Z`,
  );

/** `10:42` of that day for people. */
const clock = (timestamp: string): string =>
  timestamp.startsWith(DAY) ? timestamp.slice(11, 16) : timestamp.slice(0, 16);

/** Every so often since the epoch, in UTC; `until` is the last instant that there may be. */
export const every = (ms: number, shiftMs = 0, until = Infinity): Calendar => {
  const next = (after: number): number | undefined => {
    const found = (Math.floor((after - shiftMs) / ms) + 1) * ms + shiftMs;
    return found > until ? undefined : found;
  };
  return {
    tzdata: 'test',
    next,
    between: (after, to, newest) => {
      const all: number[] = [];
      for (let one = next(after); one !== undefined && one <= to; one = next(one)) all.push(one);
      return {
        count: all.length,
        first: all[0],
        last: all.at(-1),
        newest: newest === 0 ? [] : all.slice(-newest),
      };
    },
  };
};

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

export const definition: ScheduleDefinition = {
  ownerId: 'ada',
  name: 'report',
  rule: { timing: { cron: '*/10 * * * *' }, timeZone: 'UTC' },
  spreadMs: 0,
  whenMissed: { policy: 'fire-once' },
  whenStillRunning: 'allow',
  job: {
    location: 'print:',
    queue: 'default',
    timeoutMs: 60_000,
    retry: { maxAttempts: 1, initialDelayMs: 0, maxDelayMs: 0, factor: 1 },
    cutoffMs: 0,
    tags: [],
  },
};

export const jobIds = (occurrenceAt: number, revision: bigint): string =>
  `${clock(new Date(occurrenceAt).toISOString())}#${revision}`;

/** A schedule and what was recorded of it. */
export type Story = { readonly state: ScheduleState; readonly events: readonly ScheduleEvent[] };

/** What a command records, from the state it finds. @throws Error for a rejection, whose code it names */
export const then = ({ state, events }: Story, command: ScheduleCommand): Story => {
  const decision = schedule.decide(command, state);
  if (decision.outcome === 'rejected') throw new Error(decision.rejection.code);
  const revision = state.status === 'none' ? -1n : state.revision;
  const facts = decision.events.map((event, index) => ({
    ...event,
    at: command.at,
    revision: revision + BigInt(index + 1),
  }));
  return { state: fold(schedule.evolve, state, facts), events: [...events, ...decision.events] };
};

export const created = (
  when: string,
  more: Partial<ScheduleDefinition> = {},
  offsetMs = 0,
): Story =>
  then(
    { state: schedule.initial, events: [] },
    { type: 'CreateSchedule', at: at(when), definition: { ...definition, ...more }, offsetMs },
  );

export const plannedAt = (
  story: Story,
  when: string,
  calendar: Calendar,
  lastRun: LastRun = 'none',
): Story =>
  then(story, {
    type: 'PlanOccurrences',
    at: at(when),
    calendar,
    jobIds,
    aheadMs: MINUTE,
    lastRun,
  });

/** What events say of occurrences, in short: `10:10`, `10:10>10:42` for one due at another time, `-4 10:10..10:40 missed`. */
export const told = (events: readonly ScheduleEvent[]): readonly string[] =>
  events.flatMap(({ type, data }) => {
    switch (type) {
      case 'OccurrencePlanned':
        return data.dueAt === data.occurrenceAt
          ? clock(data.occurrenceAt)
          : `${clock(data.occurrenceAt)}>${clock(data.dueAt)}`;
      case 'OccurrencesSkipped':
        return `-${data.count} ${clock(data.from)}..${clock(data.to)} ${data.reason}`;
      case 'OccurrenceMoved':
        return `${clock(data.occurrenceAt)}->${clock(data.dueAt)}`;
      default:
        return type.startsWith('Schedule') && type !== 'ScheduleCreated' ? type : [];
    }
  });

export const known = ({ state }: Story): KnownSchedule => {
  if (state.status === 'none') throw new Error('there is no schedule');
  return state;
};
