import type { CommandContext } from '../../commands/answers';
import { jobCommands } from '../../commands/job-commands';
import { planSchedule } from '../../commands/schedules/plan';
import type { ScheduleAccepted, ScheduleAnswer } from '../../commands/schedules/schedule-answers';
import { scheduleCommands } from '../../commands/schedules/schedule-commands';
import { loadSchedule } from '../../commands/schedules/schedule-stream';
import type { EventLog } from '../../domain/event-log';
import { jobStream, scheduleStream } from '../../domain/ids';
import { calendarsBy, type Calendars } from '../../domain/schedule/calendars';
import type { KnownSchedule } from '../../domain/schedule/state';
import { uuids } from '../../infra/ids';
import { memoryEventLog } from '../../infra/memory/event-log';
import { pinnedZones } from '../../infra/tzdata/pinned';
import { as } from './command-bench';
import { at as time, definition, MINUTE } from './schedules';

export const NOBODYS = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6009';
const { ownerId: _owner, ...each } = definition;
/** What ada asks for: a run each ten minutes. */
export const asked = each;
export const operator: CommandContext = {
  ...{ actor: { kind: 'operator', id: 'olga' }, correlationId: 'request-2' },
};
export const ada = as('ada');

type Given = {
  readonly wrap?: (log: EventLog) => EventLog;
  readonly calendars?: Calendars;
};

/** Commands over a log in memory at 10:05; what the read model knows is what a test says. */
export const benchOf = ({
  wrap = (log) => log,
  calendars = calendarsBy(pinnedZones),
}: Given = {}) => {
  const now = { at: time('10:05') };
  const memory = memoryEventLog().log;
  const remembered = new Map<string, KnownSchedule>();
  const known = { find: (id: string) => Promise.resolve(remembered.get(id)) };
  const deps = { log: wrap(memory), clock: { now: () => now.at }, ids: uuids };
  const commands = scheduleCommands({ ...deps, known, calendars, jobs: jobCommands(deps) });
  const events = (id: string) => memory.read(scheduleStream(id));
  const knownNow = async (id: string) => {
    const { state } = await loadSchedule(memory, known, id);
    if (state.status === 'none') throw new Error(`there is no ${id}`);
    return state;
  };
  return {
    ...{ now, memory, remembered, known, deps, commands, events, knownNow },
    types: async (id: string) => (await events(id)).map(({ type }) => type),
    job: async (id: string) => await memory.read(jobStream(id)),
    jobTypes: async (id: string) => (await memory.read(jobStream(id))).map(({ type }) => type),
    /** What the planner does, so far ahead. */
    plan: async (id: string, aheadMs = MINUTE) => {
      const schedule = await knownNow(id);
      const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
      if (!('calendar' in made)) throw new Error(made.problem);
      const planning = { scheduleId: id, schedule, lastRun: 'none' } as const;
      return await planSchedule(deps, planning, made.calendar, aheadMs);
    },
  };
};
type Bench = ReturnType<typeof benchOf>;

export const done = (answer: ScheduleAnswer | undefined): ScheduleAccepted => {
  if (answer?.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};
export const refused = (code: string) => ({ outcome: 'rejected', rejection: { code } });
export const made = async (bench: Bench, more: Partial<typeof asked> = {}) =>
  done(await bench.commands.create({ ...asked, ...more }, ada)).scheduleId;
