import { randomUUID } from 'node:crypto';
import { planSchedule } from '../../../../commands/schedules/plan';
import type {
  ScheduleAccepted,
  ScheduleAnswer,
} from '../../../../commands/schedules/schedule-answers';
import { scheduleCommands } from '../../../../commands/schedules/schedule-commands';
import { jobStream, scheduleStream } from '../../../../domain/ids';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import type { ScheduleDefinition } from '../../../../domain/schedule/definition';
import { toTimestamp } from '../../../../domain/time';
import { uuids } from '../../../../infra/ids';
import { postgresTime } from '../../../../infra/postgres/server-time';
import { plannerProgress } from '../../../../infra/postgres/planner-progress';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { planner } from '../../../../processes/planning/planner';
import type { PlannerSettings } from '../../../../processes/planning/settings';
import { jobQueries } from '../../../../projections/queries/jobs';
import { knownSchedules } from '../../../../projections/queries/schedules/known-schedules';
import {
  schedulePlanning,
  type PlanningCursor,
} from '../../../../projections/queries/schedules/planning';
import { unfinished } from '../../../../projections/queries/schedules/unfinished';
import { silentPlannerMetrics } from '../../../support/planner';
import { silentLogger } from '../../../support/processes';
import { newEvent } from '../../../support/new-event';
import { definition } from '../../../support/schedules';
import { until } from '../../../support/until';
import { context, createWorld, type World } from '../world';

// schedules become jobs, whoever stops in the middle of it

let world: World;
const calendars = calendarsBy(pinnedZones);
const clock = { now: () => Date.now() };

beforeEach(async () => {
  world = await createWorld();
  world.run(world.projector());
});
afterEach(async () => {
  await world.dispose();
});

const deps = () => ({ log: world.log, clock, ids: uuids });
const commands = () =>
  scheduleCommands({
    ...deps(),
    known: knownSchedules(world.readModel.db),
    calendars,
    jobs: world.jobs,
  });
const runPlanner = (settings: Partial<PlannerSettings> = {}, itsClock = clock) =>
  world.run(
    planner({
      ...deps(),
      calendars,
      jobs: world.jobs,
      planning: schedulePlanning(world.readModel.db),
      unfinished: unfinished(world.readModel.db),
      progress: plannerProgress(world.readModel.db),
      clock: itsClock,
      serverTime: postgresTime(world.readModel.db),
      onSchedules: () => () => undefined,
      logger: silentLogger,
      metrics: silentPlannerMetrics,
      draw: Math.random,
      settings: {
        ...{ everyMs: 50, oneByOneEveryMs: 50, mendEveryMs: 100, aheadMs: 2_000 },
        ...settings,
      },
    }),
  );
const accepted = (answer: ScheduleAnswer): ScheduleAccepted => {
  if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};
const create = async (
  more: Partial<Omit<ScheduleDefinition, 'ownerId'>> = {},
  id = context.actor.id,
): Promise<string> => {
  const { ownerId: _owner, ...rest } = { ...definition, ...more };
  const by = { ...context, actor: { kind: 'user' as const, id } };
  return accepted(await commands().create(rest, by)).scheduleId;
};
const eachSecond = { rule: { timing: { cron: '* * * * * *' }, timeZone: 'UTC' } };
const jobsOf = async (scheduleId: string) => {
  const queries = jobQueries(world.readModel.db);
  const { items } = await queries.list({ scheduleId }, { limit: 200 });
  return items.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
};
/** Read models follow the log: what was created is there soon. */
const untilKnown = (scheduleId: string) =>
  until(() => knownSchedules(world.readModel.db).find(scheduleId));

test('each occurrence runs as a job of its own at its time, with two planners at work and one that comes and goes', async () => {
  world.run(world.dispatcher());
  world.run(world.gateway());
  world.run(
    world.executor({ handlers: { print: () => Promise.resolve({ status: 'succeeded' }) } }),
  );
  // so far ahead that a planner which is slow is in time all the same
  const ahead = { aheadMs: 20_000 };
  runPlanner(ahead);
  const scheduleId = await create({
    ...eachSecond,
    whenMissed: { policy: 'fire-all', limit: 100 },
  });
  const from = Date.now();
  for (let n = 0; n < 4; n += 1) {
    const other = runPlanner(ahead);
    await until(() => Date.now() > from + (n + 1) * 800);
    await other.stop();
  }
  const ended = await until(
    async () => {
      const first = (await jobsOf(scheduleId)).slice(0, 4);
      return first.filter(({ status }) => status === 'succeeded').length === 4 ? first : undefined;
    },
    { what: 'four have run' },
  );
  const occurrences = ended.map(({ occurrenceAt = '' }) => Date.parse(occurrenceAt));
  for (const [index, at] of occurrences.entries()) {
    expect(at % 1_000).toBe(0);
    if (index > 0) expect(at - (occurrences[index - 1] ?? 0)).toBe(1_000);
  }
  // the first may have come before they could be planned: then they are due right away
  const inTime = ended.filter(({ occurrenceAt = '', scheduledAt }) => occurrenceAt > scheduledAt);
  expect(inTime.map(({ dueAt }) => dueAt)).toEqual(inTime.map(({ occurrenceAt }) => occurrenceAt));
  expect(inTime.at(-1)).toBe(ended.at(-1));
});

test('jobs of a schedule that is paused are taken back, and come again when it goes on', async () => {
  runPlanner();
  const cron = `${(new Date().getUTCMinutes() + 30) % 60} * * * *`; // none comes due meanwhile
  const hourly = { rule: { timing: { cron }, timeZone: 'Europe/Berlin' } };
  const scheduleId = await create(hourly);
  const first = await until(async () => (await jobsOf(scheduleId))[0]);
  accepted(await commands().pause(scheduleId, 'books', context));
  await world.untilStory(first.jobId, 'JobCancelled');
  accepted(await commands().resume(scheduleId, undefined, context));
  const again = await until(
    async () =>
      (await jobsOf(scheduleId)).find(
        ({ status, jobId }) => status === 'scheduled' && jobId !== first.jobId,
      ),
    { what: 'another job is there' },
  );
  expect(again.dueAt).toBe(first.dueAt);
});

test('a job that a planner had no time to make is made by the next one, once, and one that was taken back meanwhile never runs', async () => {
  const [kept, paused] = [await create(eachSecond), await create(eachSecond)];
  for (const scheduleId of [kept, paused]) {
    const schedule = await untilKnown(scheduleId);
    const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
    if (!('calendar' in made)) throw new Error(made.problem);
    const planned = await planSchedule(
      deps(),
      { scheduleId, schedule, lastRun: 'none' },
      made.calendar,
      1_000,
    );
    expect(planned).toMatchObject({ outcome: 'planned' });
  }
  accepted(await commands().pause(paused, undefined, context));
  runPlanner();
  await until(async () => (await jobsOf(kept)).length >= 2);
  const cancelled = await until(async () => {
    const all = await jobsOf(paused);
    return all.length >= 2 ? all : undefined;
  });
  for (const { jobId } of cancelled)
    expect(await world.untilStory(jobId, 'JobCancelled')).toEqual(['JobScheduled', 'JobCancelled']);
});

test('schedules that cannot be planned hold up no other, though they fill whole pages', async () => {
  const lost = await Promise.all(Array.from({ length: 5 }, () => create(eachSecond)));
  for (const scheduleId of lost) await untilKnown(scheduleId);
  // what another build wrote, so that nobody knows what became of them
  const unknown = { ...newEvent(), type: 'ScheduleTeleported' };
  for (const scheduleId of lost)
    await world.log.append(scheduleStream(scheduleId), [{ ...unknown, id: randomUUID() }], 0n);
  runPlanner({ pageSize: 2 });
  const scheduleId = await create(eachSecond);
  await until(async () => (await jobsOf(scheduleId)).length >= 3);
  for (const id of lost) expect(await jobsOf(id)).toEqual([]);
});

test('an owner whose schedules ask for more than his share waits for himself, and all others are planned', async () => {
  const greedy = await Promise.all(Array.from({ length: 12 }, () => create(eachSecond, 'greedy')));
  for (const scheduleId of greedy) await untilKnown(scheduleId);
  // two a second, and twenty at once: his schedules want twelve
  const from = Date.now();
  runPlanner({ ownerPerSecond: 2, pageSize: 3 });
  const plannedOf = async (scheduleId: string) =>
    (await world.log.read(scheduleStream(scheduleId))).filter(
      ({ type }) => type === 'OccurrencePlanned',
    ).length;
  const allPlanned = async () =>
    (await Promise.all(greedy.map(plannedOf))).reduce((sum, count) => sum + count, 0);
  await until(async () => (await allPlanned()) >= 20);
  // of others who come later, and are later in the order of what is due
  const others = await Promise.all(Array.from({ length: 3 }, () => create(eachSecond)));
  for (const scheduleId of others) await until(async () => (await jobsOf(scheduleId)).length >= 4);
  const planned = await allPlanned();
  const seconds = (Date.now() - from) / 1_000;
  // a decision may go over it by what one schedule has ahead
  expect(planned).toBeLessThan(20 + 2 * seconds + 12);
});

test('a page passes over the owners who wait, however many rows of theirs come first, and a walk ends', async () => {
  for (let n = 0; n < 5; n += 1) await untilKnown(await create(eachSecond, 'greedy'));
  const other = await create(eachSecond);
  await untilKnown(other);
  const { due } = schedulePlanning(world.readModel.db);
  const span = { until: Date.now() + 60_000, limit: 2 };
  const { found, next } = await due({ ...span, passing: ['greedy'] });
  expect(found.map(({ scheduleId }) => scheduleId)).toEqual([other]);
  expect(next).toBeUndefined();
  let walked = 0;
  for (let after: PlanningCursor | undefined, isFirst = true; isFirst || after; isFirst = false) {
    const page = await due({ ...span, after, passing: [] });
    walked += page.found.length;
    after = page.next;
  }
  expect(walked).toBe(6);
});

test('a job that ended before it started was no run: what came meanwhile was missed, and waited for nobody', async () => {
  const planning = runPlanner();
  const scheduleId = await create({ ...eachSecond, whenStillRunning: 'skip' });
  const job = await until(async () => (await jobsOf(scheduleId))[0]);
  await planning.stop();
  expect(await world.jobs.cancel(job.jobId, undefined, context)).toMatchObject({
    outcome: 'accepted',
  });
  const { dueOneByOne } = schedulePlanning(world.readModel.db);
  const [found] = await until(async () => {
    const { found: due } = await dueOneByOne({ until: Date.now(), limit: 10, passing: [] });
    return due.length > 0 ? due : undefined;
  });
  expect(found).toMatchObject({ scheduleId, lastRun: 'none' });
});

test('a schedule that cannot be computed stops alone, and says why; a change lets it go on', async () => {
  const lost = await create({ rule: { ...eachSecond.rule, timeZone: 'Mars/Olympus' } });
  const other = await create(eachSecond);
  runPlanner();
  const stopped = await until(async () => {
    const found = await knownSchedules(world.readModel.db).find(lost);
    return found?.status === 'stopped' ? found : undefined;
  });
  expect(stopped.note).toContain('Mars/Olympus');
  await until(async () => (await jobsOf(other)).length >= 2);
  const { ownerId: _owner, ...rest } = { ...definition, ...eachSecond };
  accepted(await commands().change(lost, rest, context));
  await until(async () => (await jobsOf(lost)).length >= 2);
});

test.each([
  ['fast', 3_600_000],
  ['slow', -3_600_000],
])(
  'a planner whose clock is an hour %s skips nothing for it, and runs are due at their times',
  async (_, byMs) => {
    const scheduleId = await create({
      rule: { timing: { cron: '*/10 * * * * *' }, timeZone: 'UTC' },
      whenMissed: { policy: 'skip', afterMs: 60_000 },
    });
    await untilKnown(scheduleId);
    runPlanner({ aheadMs: 9_000 }, { now: () => Date.now() + byMs });
    if (byMs < 0) runPlanner({ aheadMs: 9_000 }); // one that is late leaves it to others
    const events = await until(async () => {
      const all = await world.log.read(scheduleStream(scheduleId));
      return all.length >= 3 ? all : undefined;
    });
    const [, first, ...later] = events.map(({ type, data }) => {
      const { occurrenceAt = '', dueAt = '' } = data as { occurrenceAt?: string; dueAt?: string };
      return { type, occurrenceAt, dueAt };
    });
    expect(Date.parse(first?.dueAt ?? '')).toBeLessThan(Date.now() + 60_000);
    for (const { type, occurrenceAt, dueAt } of later)
      expect([type, dueAt]).toEqual(['OccurrencePlanned', occurrenceAt]);
  },
);

test('an occurrence is cancelled or moved with its job, and a trigger runs beside the rule', async () => {
  runPlanner();
  const cron = `0 ${(new Date().getUTCHours() + 12) % 24} * * *`; // none comes due meanwhile
  const daily = { rule: { timing: { cron }, timeZone: 'UTC' } };
  const scheduleId = await create(daily);
  const job = await until(async () => (await jobsOf(scheduleId))[0]);
  const occurrenceAt = Date.parse(job.occurrenceAt ?? '');
  const movedTo = occurrenceAt + 3_600_000;
  accepted(await commands().moveOccurrence(scheduleId, occurrenceAt, movedTo, 'holiday', context));
  expect((await world.log.read(jobStream(job.jobId))).at(-1)).toMatchObject({
    type: 'JobRescheduled',
    data: { dueAt: toTimestamp(movedTo) },
  });
  accepted(await commands().cancelOccurrence(scheduleId, occurrenceAt, undefined, context));
  expect(await world.story(job.jobId)).toEqual(['JobScheduled', 'JobRescheduled', 'JobCancelled']);
  const { jobIds } = accepted(await commands().trigger(scheduleId, undefined, context));
  expect(await world.story(jobIds[0] ?? '')).toEqual(['JobScheduled']);
});

test('a repeated request with the same key is answered as before, and one of somebody else does not exist', async () => {
  const keyed = { ...context, idempotency: { key: 'k', fingerprint: 'f' } };
  const { ownerId: _owner, ...rest } = definition;
  const first = accepted(await commands().create(rest, keyed));
  const second = accepted(await commands().create(rest, keyed));
  expect(second).toMatchObject({ scheduleId: first.scheduleId, isReplay: true });
  const bob = { ...context, actor: { kind: 'user' as const, id: 'bob' } };
  expect(await commands().pause(first.scheduleId, undefined, bob)).toMatchObject({
    outcome: 'rejected',
    rejection: { code: 'schedule-not-found' },
  });
});
