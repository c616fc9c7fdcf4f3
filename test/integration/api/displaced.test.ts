import supertest from 'supertest';
import { scheduleCommands } from '../../../commands/schedules/schedule-commands';
import { scheduleStream } from '../../../domain/ids';
import { calendarsBy } from '../../../domain/schedule/calendars';
import { toTimestamp } from '../../../domain/time';
import { uuids } from '../../../infra/ids';
import { plannerProgress } from '../../../infra/postgres/planner-progress';
import { pinnedZones } from '../../../infra/tzdata/pinned';
import { planner } from '../../../processes/planning/planner';
import { jobQueries } from '../../../projections/queries/jobs';
import { knownSchedules } from '../../../projections/queries/schedules/known-schedules';
import { scheduleList } from '../../../projections/queries/schedules/list';
import { schedulePlanning } from '../../../projections/queries/schedules/planning';
import { unfinished } from '../../../projections/queries/schedules/unfinished';
import { olderZones } from '../../support/older-zones';
import { silentPlannerMetrics } from '../../support/planner';
import { silentLogger } from '../../support/processes';
import { definition } from '../../support/schedules';
import { until } from '../../support/until';
import { apiUnderTest, bearer, fakeSchedules, keys, told } from '../../unit/api/api-under-test';
import { createWorld, type World } from '../processes/world';

// an upgrade of the zone data, as whoever runs the product goes through it

const HOUR = 3_600_000;
let world: World;
beforeEach(async () => {
  world = await createWorld();
  world.run(world.projector());
});
afterEach(async () => {
  await world.dispose();
});

const runPlanner = (zones: typeof pinnedZones, now = () => Date.now()) =>
  world.run(
    planner({
      ...{ log: world.log, clock: { now }, ids: uuids, jobs: world.jobs },
      calendars: calendarsBy(zones),
      planning: schedulePlanning(world.readModel.db),
      unfinished: unfinished(world.readModel.db),
      progress: plannerProgress(world.readModel.db),
      serverTime: () => Promise.resolve({ nowMs: now(), withinMs: 0 }),
      onSchedules: () => () => undefined,
      ...{ logger: silentLogger, metrics: silentPlannerMetrics, draw: Math.random },
      settings: { everyMs: 50, mendEveryMs: 100, aheadMs: 2_000 },
    }),
  );

test('a run that is moved to where newer zone data has it stays one run', async () => {
  const { db } = world.readModel;
  const clock = { now: () => Date.now() };
  const calendars = calendarsBy(pinnedZones);
  const known = knownSchedules(db);
  const commands = scheduleCommands({
    ...{ log: world.log, clock, ids: uuids, known, calendars, jobs: world.jobs },
  });
  const { app } = apiUnderTest({
    schedules: fakeSchedules({ commands, known, calendars, list: scheduleList(db).list }),
    clock,
  });
  const as = { authorization: bearer(keys.alice) };
  const rule = { timing: { cron: '0 9 * * *' }, timeZone: 'Africa/Casablanca' };
  const { ownerId: _owner, ...rest } = { ...definition, rule };
  const actor = { kind: 'user', id: 'alice' } as const;
  const made = await commands.create(rest, { actor, correlationId: 'r' });
  if (made.outcome !== 'accepted') throw new Error(JSON.stringify(made));
  const { scheduleId } = made;
  const jobs = async () => {
    const { items } = await jobQueries(db).list({ scheduleId }, { limit: 200 });
    return items.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
  };

  const older = runPlanner(olderZones);
  const job = await until(async () => (await jobs())[0]);
  await older.stop();
  const dueAt = Date.parse(job.dueAt);
  const right = toTimestamp(dueAt + HOUR);
  const listed = await supertest(app).get('/v1/schedules/displaced').set(as).then(told);
  expect(listed.body).toMatchObject({
    items: [{ scheduleId, occurrences: [{ jobId: job.jobId, dueAt: job.dueAt, movesTo: right }] }],
  });
  const moved = await supertest(app)
    .post(`/v1/schedules/${scheduleId}/occurrences/${job.dueAt}/move`)
    .set(as)
    .send({ dueAt: right, note: 'time zone data' })
    .then(told);
  expect(moved.status).toBe(200);
  await until(async () => (await known.find(scheduleId))?.ahead[0]?.dueAt === dueAt + HOUR);
  const after = await supertest(app).get('/v1/schedules/displaced').set(as).then(told);
  expect(after.body).toMatchObject({ items: [] });

  // when that day comes: the rule has 09:00 by the newer data, and its run is the one that was moved there
  runPlanner(pinnedZones, () => dueAt + HOUR - 1_000);
  const all = await until(async () => {
    const found = await jobs();
    return found.length >= 2 ? found : undefined;
  });
  expect(all.map((one) => [one.jobId === job.jobId, one.dueAt, one.status])).toEqual([
    [true, right, 'scheduled'],
    [false, toTimestamp(dueAt + 25 * HOUR), 'scheduled'],
  ]);
  const events = await world.log.read(scheduleStream(scheduleId));
  expect(events.map(({ type }) => type)).toEqual([
    'ScheduleCreated',
    'OccurrencePlanned',
    'OccurrenceMoved',
    'OccurrencesSkipped',
    'OccurrencePlanned',
  ]);
});
