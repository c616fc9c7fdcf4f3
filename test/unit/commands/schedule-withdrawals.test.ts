import { jobCommands } from '../../../commands/job-commands';
import { planSchedule } from '../../../commands/schedules/plan';
import type {
  ScheduleAccepted,
  ScheduleAnswer,
} from '../../../commands/schedules/schedule-answers';
import { makeJob, type PlannedJob } from '../../../commands/schedules/schedule-jobs';
import { scheduleCommands } from '../../../commands/schedules/schedule-commands';
import { EventLogUnavailable, type EventLog } from '../../../domain/event-log';
import { jobStream } from '../../../domain/ids';
import { calendarsBy } from '../../../domain/schedule/calendars';
import { uuids } from '../../../infra/ids';
import { memoryEventLog } from '../../../infra/memory/event-log';
import { pinnedZones } from '../../../infra/tzdata/pinned';
import { definition, at as time } from '../../support/schedules';
import { newEvent } from '../../support/new-event';

// what has not started is taken back before the answer, not some seconds later by the planner: it would run meanwhile

const context = { actor: { kind: 'user', id: definition.ownerId }, correlationId: 'r' } as const;
const eachSecond = { timing: { cron: '* * * * * *' }, timeZone: 'UTC' };
const PLANNED = 40;

const world = async (given: (log: EventLog) => EventLog = (log) => log) => {
  const now = { at: time('2026-12-01T10:00') + 500 };
  const memory = memoryEventLog().log;
  const log = given(memory);
  const deps = { log, clock: { now: () => now.at }, ids: uuids };
  const calendars = calendarsBy(pinnedZones);
  const known = { find: () => Promise.resolve(undefined) };
  const commands = scheduleCommands({ ...deps, known, calendars, jobs: jobCommands(deps) });
  const { ownerId: _owner, ...rest } = { ...definition, rule: eachSecond };
  const { scheduleId, schedule } = accepted(await commands.create(rest, context));
  const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
  if (!('calendar' in made)) throw new Error(made.problem);
  const planning = { scheduleId, schedule, lastRun: 'none' } as const;
  const planned = await planSchedule(deps, planning, made.calendar, (PLANNED / 2) * 1_000);
  if (planned.outcome !== 'planned') throw new Error(planned.outcome);
  const jobIds = planned.jobs.map(({ jobId }) => jobId);
  const typesOf = async (jobId: string) =>
    (await memory.read(jobStream(jobId))).map(({ type }) => type);
  return {
    ...{ deps, commands, scheduleId, rest, memory, now, typesOf },
    jobs: planned.jobs,
    jobIds,
  };
};

const accepted = (answer: ScheduleAnswer): ScheduleAccepted => {
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};

const ways = {
  pause: ({ commands, scheduleId }: Awaited<ReturnType<typeof world>>) =>
    commands.pause(scheduleId, undefined, context),
  'a deletion': ({ commands, scheduleId }: Awaited<ReturnType<typeof world>>) =>
    commands.remove(scheduleId, undefined, context),
  'another rule': ({ commands, scheduleId, rest }: Awaited<ReturnType<typeof world>>) => {
    const rule = { timing: { cron: '0 0 * * *' }, timeZone: 'UTC' };
    return commands.change(scheduleId, { ...rest, rule }, context);
  },
  'another name': ({ commands, scheduleId, rest }: Awaited<ReturnType<typeof world>>) =>
    commands.change(scheduleId, { ...rest, name: 'another' }, context),
};

test.each(Object.entries(ways))(
  '%s is answered when all that comes is taken back, made already or not',
  async (_name, takeBack) => {
    const there = await world();
    const { deps, jobs, jobIds, typesOf } = there;
    expect(jobIds.length).toBeGreaterThanOrEqual(PLANNED / 2);
    for (const job of jobs.slice(0, 5)) await makeJob(deps, job);
    accepted(await takeBack(there));
    for (const jobId of jobIds)
      expect(await typesOf(jobId)).toEqual(['JobScheduled', 'JobCancelled']);
    const [cancelled] = (await there.memory.read(jobStream(jobIds[0] ?? ''))).slice(-1);
    expect(cancelled?.data).toMatchObject({
      reason: expect.stringMatching(/^its schedule was (paused|changed|deleted)$/) as string,
    });
  },
);

/** What the dispatcher and an executor write of a first attempt. */
const goThrough = async (
  memory: EventLog,
  { jobId, dueAt }: PlannedJob,
  types: readonly string[],
): Promise<void> => {
  for (const [revision, type] of types.entries()) {
    const data = { attempt: 1, dueAt: new Date(dueAt).toISOString(), executorId: 'x' };
    await memory.append(jobStream(jobId), [newEvent(data, type)], BigInt(revision));
  }
};

test('with one running, one queued and one planned, a deletion lets the run end by itself and cancels the others', async () => {
  const there = await world();
  const { deps, jobs, typesOf, memory } = there;
  const [running, queued, planned] = jobs;
  if (!running || !queued || !planned) throw new Error('too few are planned');
  for (const job of [running, queued]) await makeJob(deps, job);
  await goThrough(memory, running, ['JobDispatched', 'JobStarted']);
  await goThrough(memory, queued, ['JobDispatched']);
  accepted(await ways['a deletion'](there));
  expect(await typesOf(running.jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobStarted']);
  expect((await typesOf(queued.jobId)).at(-1)).toBe('JobCancelled');
  expect((await typesOf(planned.jobId)).at(-1)).toBe('JobCancelled');
});

test('a rule and its zone that change while a run is under way leave it to its end, and the next one is by the new rule', async () => {
  const there = await world();
  const { deps, jobs, typesOf, memory, commands, scheduleId, rest } = there;
  const [running] = jobs;
  if (!running) throw new Error('nothing is planned');
  await makeJob(deps, running);
  await goThrough(memory, running, ['JobDispatched', 'JobStarted']);
  const rule = { timing: { cron: '0 5 * * *' }, timeZone: 'Europe/Berlin' };
  const { schedule } = accepted(await commands.change(scheduleId, { ...rest, rule }, context));
  expect(await typesOf(running.jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobStarted']);
  const made = calendarsBy(pinnedZones).of(schedule.definition.rule, schedule.ruleSince);
  if (!('calendar' in made)) throw new Error(made.problem);
  const planning = { scheduleId, schedule, lastRun: 'open' } as const;
  const planned = await planSchedule(deps, planning, made.calendar, 0);
  expect(planned).toMatchObject({ jobs: [{ occurrenceAt: time('2026-12-02T04:00') }] });
});

test('what runs goes on, and a job that cannot be read keeps no other', async () => {
  const there = await world();
  const { deps, jobs, jobIds, typesOf, memory } = there;
  const [running, unreadable] = jobs;
  if (!running || !unreadable) throw new Error('nothing is planned');
  for (const job of [running, unreadable]) await makeJob(deps, job);
  await goThrough(memory, running, ['JobDispatched', 'JobStarted']);
  const teleported = newEvent({}, 'JobTeleported');
  await memory.append(jobStream(unreadable.jobId), [teleported], 0n);
  accepted(await ways.pause(there));
  expect(await typesOf(running.jobId)).toEqual(['JobScheduled', 'JobDispatched', 'JobStarted']);
  expect((await typesOf(unreadable.jobId)).at(-1)).toBe('JobTeleported');
  for (const jobId of jobIds.slice(2)) expect((await typesOf(jobId)).at(-1)).toBe('JobCancelled');
});

/** Where each append of a job takes 50 ms by the clock, or fails. */
const slowWorld = async (isAway: () => boolean) => {
  const appends = { asked: 0 };
  const there = await world((log) => ({
    ...log,
    append: async (stream, events, expected) => {
      const isJob = stream.startsWith('job-');
      if (isJob) appends.asked += 1;
      if (isJob && isAway()) throw new EventLogUnavailable('it is away');
      const appended = await log.append(stream, events, expected);
      if (isJob) there.now.at += 50;
      return appended;
    },
  }));
  return { there, appends };
};

test('those that come next go first, as long as a request may take', async () => {
  const { there } = await slowWorld(() => false);
  accepted(await ways.pause(there));
  const ends = await Promise.all(
    there.jobIds.map(async (jobId) => (await there.typesOf(jobId)).at(-1)),
  );
  const taken = ends.filter((type) => type === 'JobCancelled').length;
  // two rounds of sixteen, at 50 ms each, and the second has passed
  expect(taken).toBe(32);
  expect(ends.slice(0, taken)).toEqual(ends.filter((type) => type === 'JobCancelled'));
});

test('a log that goes away after the event is asked no further: the planner does the rest', async () => {
  const { there, appends } = await slowWorld(() => true);
  accepted(await ways.pause(there));
  expect(appends.asked).toBe(16);
});
