import { jobCommands } from '../../../../commands/job-commands';
import { planSchedule } from '../../../../commands/schedules/plan';
import type { ScheduleAnswer } from '../../../../commands/schedules/schedule-answers';
import { scheduleCommands } from '../../../../commands/schedules/schedule-commands';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
  type EventLog,
} from '../../../../domain/event-log';
import { jobStream, scheduleStream } from '../../../../domain/ids';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { definition, at as time, HOUR } from '../../../support/schedules';

// to move or cancel one run changes its job first and then its schedule: a no in between must not say that nothing was done

const context = {
  actor: { kind: 'user', id: definition.ownerId },
  correlationId: 'r',
  idempotency: { key: 'k', fingerprint: 'f' },
} as const;

const accepted = (answer: ScheduleAnswer) => {
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};

/** A schedule with a planned run, on a log that can be kept from taking anything more of the schedule. */
const world = async () => {
  const { log: memory } = memoryEventLog();
  const fault: { of: Error | 'conflict' | undefined } = { of: undefined };
  const log: EventLog = {
    ...memory,
    append: (stream, events, expected) => {
      if (fault.of === undefined || !stream.startsWith('schedule-'))
        return memory.append(stream, events, expected);
      return fault.of === 'conflict'
        ? Promise.resolve({ outcome: 'conflict' })
        : Promise.reject(fault.of);
    },
  };
  const deps = { log, clock: { now: () => time('2026-12-01T10:00') + 500 }, ids: uuids };
  const calendars = calendarsBy(pinnedZones);
  const known = { find: () => Promise.resolve(undefined) };
  const commands = scheduleCommands({ ...deps, known, calendars, jobs: jobCommands(deps) });
  const { ownerId: _owner, ...asked } = definition;
  const { idempotency: _key, ...plain } = context;
  const { scheduleId, schedule } = accepted(await commands.create(asked, plain));
  const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
  if (!('calendar' in made)) throw new Error(made.problem);
  const planning = { scheduleId, schedule, lastRun: 'none' } as const;
  const planned = await planSchedule(deps, planning, made.calendar, HOUR);
  if (planned.outcome !== 'planned') throw new Error(planned.outcome);
  const [{ jobId, occurrenceAt = 0 } = { jobId: '' }] = planned.jobs;
  const typesIn = async (stream: string) => (await memory.read(stream)).map(({ type }) => type);
  return {
    fault,
    cancel: () => commands.cancelOccurrence(scheduleId, occurrenceAt, undefined, context),
    cancelUnplanned: () =>
      commands.cancelOccurrence(scheduleId, occurrenceAt + 3 * HOUR, undefined, context),
    move: () =>
      commands.moveOccurrence(scheduleId, occurrenceAt, occurrenceAt + HOUR, undefined, context),
    lastOfJob: async () => (await typesIn(jobStream(jobId))).at(-1),
    lastOfSchedule: async () => (await typesIn(scheduleStream(scheduleId))).at(-1),
  };
};

const faults = {
  'is out of reach': new EventLogUnavailable('away'),
  'refuses for good': new EventLogRefused('no', 'access-denied'),
  'is won by others each time': 'conflict',
} as const;
const changes = [
  { change: 'cancel', ofJob: 'JobCancelled', ofSchedule: 'OccurrenceCancelled' },
  { change: 'move', ofJob: 'JobRescheduled', ofSchedule: 'OccurrenceMoved' },
] as const;
const cases = Object.entries(faults).flatMap(([why, fault]) =>
  changes.map((change) => ({ why, fault, ...change })),
);

test.each(cases)(
  'where the log $why after the job was changed, to $change its occurrence is of unknown outcome, and the same request again makes it whole',
  async ({ fault, change, ofJob, ofSchedule }) => {
    const there = await world();
    there.fault.of = fault;
    await expect(there[change]()).rejects.toBeInstanceOf(AppendOutcomeUnknown);
    expect(await there.lastOfJob()).toBe(ofJob);
    expect(await there.lastOfSchedule()).toBe('OccurrencePlanned');
    there.fault.of = undefined;
    accepted(await there[change]());
    expect(await there.lastOfSchedule()).toBe(ofSchedule);
    expect(await there.lastOfJob()).toBe(ofJob);
  },
);

test('a log that is away before anything was changed is told as that: such a no is true', async () => {
  const there = await world();
  there.fault.of = new EventLogUnavailable('away');
  await expect(there.cancelUnplanned()).rejects.toBe(there.fault.of);
  expect(await there.lastOfJob()).toBeUndefined();
});
