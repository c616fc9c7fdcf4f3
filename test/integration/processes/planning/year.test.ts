import {
  AppendOutcomeUnknown,
  EventLogUnavailable,
  type EventLog,
} from '../../../../domain/event-log';
import { jobStream, scheduleStream } from '../../../../domain/ids';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import type { Rule, WhenMissed } from '../../../../domain/schedule/definition';
import { fromTimestamp } from '../../../../domain/time';
import { scheduleCommands } from '../../../../commands/schedules/schedule-commands';
import { jobCommands } from '../../../../commands/job-commands';
import { uuids } from '../../../../infra/ids';
import { plannerProgress } from '../../../../infra/postgres/planner-progress';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { planner } from '../../../../processes/planning/planner';
import { knownSchedules } from '../../../../projections/queries/schedules/known-schedules';
import { schedulePlanning } from '../../../../projections/queries/schedules/planning';
import { unfinished } from '../../../../projections/queries/schedules/unfinished';
import { silentLogger } from '../../../support/processes';
import { isLong } from '../../../support/rounds';
import { definition } from '../../../support/schedules';
import { silentPlannerMetrics } from '../../../support/planner';
import { until } from '../../../support/until';
import { context, createWorld, type Running, type World } from '../world';

// a year of schedules in seconds: whatever dies meanwhile, each instant of each rule has one outcome

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** In the gate the days with the clock changes of spring, and a rule of six hours in place of one of ten minutes. */
const DAYS = isLong ? 366 : 100;
const OFTEN = isLong ? '*/10 * * * *' : '0 */6 * * *';
const START = Date.parse('2027-01-25T10:30:00Z');
/** How long everything stands still after a kill. */
const OUTAGE_DAYS = 3;

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Africa/Cairo'];
const rules: readonly (readonly [cron: string, whenMissed: WhenMissed])[] = [
  ['30 2 * * *', { policy: 'fire-once' }],
  ['0 9 31 * *', { policy: 'fire-all', limit: 3 }],
  ['15 2 * * 0', { policy: 'skip', afterMs: HOUR }],
  [OFTEN, { policy: 'fire-once' }],
];
const calendars = calendarsBy(pinnedZones);

let world: World;
let now = START;
const clock = { now: () => now };

beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.dispose();
});

/** A log on whose other side everything can go away: `broken` appends are recorded, and nobody learns of it. */
const breakable = (log: EventLog) => {
  let answersLeft = Infinity;
  return {
    log: {
      ...log,
      append: async (...args: Parameters<EventLog['append']>) => {
        if (answersLeft < 0) throw new EventLogUnavailable('gone');
        const appended = await log.append(...args);
        answersLeft -= 1;
        if (answersLeft < 0) throw new AppendOutcomeUnknown('the server was killed');
        return appended;
      },
    },
    breakAfter: (answers: number) => {
      answersLeft = answers;
    },
    isGone: () => answersLeft < 0,
    mend: () => {
      answersLeft = Infinity;
    },
  };
};

const create = async (log: EventLog): Promise<readonly string[]> => {
  const deps = { log, clock, ids: uuids };
  const commands = scheduleCommands({
    ...deps,
    known: knownSchedules(world.readModel.db),
    calendars,
    jobs: jobCommands(deps),
  });
  const ids: string[] = [];
  for (const timeZone of zones)
    for (const [cron, whenMissed] of rules) {
      const { ownerId: _owner, ...rest } = definition;
      const rule = { timing: { cron }, timeZone };
      const answer = await commands.create({ ...rest, rule, whenMissed }, context);
      if (answer.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
      ids.push(answer.scheduleId);
    }
  return ids;
};

const runPlanner = (log: EventLog): Running => {
  const { db } = world.readModel;
  const deps = { log, clock, ids: uuids };
  return world.run(
    planner({
      ...deps,
      calendars,
      jobs: jobCommands(deps),
      planning: schedulePlanning(db),
      unfinished: unfinished(db),
      progress: plannerProgress(db),
      serverTime: () => Promise.resolve({ nowMs: clock.now(), withinMs: 0 }),
      onSchedules: () => () => undefined,
      logger: silentLogger,
      metrics: silentPlannerMetrics,
      draw: Math.random,
      settings: { everyMs: 5, mendEveryMs: 20, aheadMs: DAY + HOUR },
    }),
  );
};

const untilDecided = () =>
  until(
    async () => {
      const { rows } = await world.readModel.db.raw<{ rows: readonly { behind: string }[] }>(
        `select count(*) as behind from schedules
         where status = 'active' and plan_at_ms <= ${now + DAY + HOUR}`,
      );
      return rows[0]?.behind === '0';
    },
    { timeoutMs: 60_000, what: 'all is decided for a day ahead' },
  );

type Decided = {
  readonly planned: readonly {
    readonly at: number;
    readonly jobId: string;
    readonly dueAt: number;
  }[];
  readonly skipped: readonly {
    readonly from: number;
    readonly to: number;
    readonly count: number;
  }[];
};

/** What a stream says of the instants of its rule, read by nobody else. */
const decidedBy = async (scheduleId: string): Promise<Decided> => {
  const events = await world.log.read(scheduleStream(scheduleId));
  const planned = [];
  const skipped = [];
  for (const { type, data } of events) {
    const {
      occurrenceAt = '',
      dueAt = '',
      jobId = '',
      from = '',
      to = '',
      count = 0,
    } = data as {
      occurrenceAt?: string;
      dueAt?: string;
      jobId?: string;
      from?: string;
      to?: string;
      count?: number;
    };
    if (type === 'OccurrencePlanned')
      planned.push({ at: fromTimestamp(occurrenceAt), jobId, dueAt: fromTimestamp(dueAt) });
    if (type === 'OccurrencesSkipped')
      skipped.push({ from: fromTimestamp(from), to: fromTimestamp(to), count });
  }
  return { planned, skipped };
};

const instantsOf = (rule: Rule, after: number, upTo: number): readonly number[] => {
  const made = calendars.of(rule, START);
  if (!('calendar' in made)) throw new Error(made.problem);
  const all: number[] = [];
  for (
    let at = made.calendar.next(after);
    at !== undefined && at <= upTo;
    at = made.calendar.next(at)
  )
    all.push(at);
  return all;
};

test('in a year of four zones, with a kill in each season, every instant of every rule is planned once or skipped with a reason, and has one job', async () => {
  const { log, breakAfter, isGone, mend } = breakable(world.log);
  let projecting = world.run(world.projector());
  const ids = await create(log);
  let planning = runPlanner(log);
  for (let day = 1; day <= DAYS; day += 1) {
    now += DAY;
    await untilDecided();
    const season = Math.floor((day * 4) / DAYS);
    if (Math.floor(((day - 1) * 4) / DAYS) === season || season === 4) continue;
    // in the middle of what the next day brings
    breakAfter(season);
    now += DAY;
    await until(() => isGone(), { what: 'the log is gone' });
    await Promise.all([planning.stop(), ...(season % 2 === 0 ? [projecting.stop()] : [])]);
    now += OUTAGE_DAYS * DAY;
    mend();
    planning = runPlanner(log);
    if (season % 2 === 0) projecting = world.run(world.projector());
    await untilDecided();
  }

  for (const [index, scheduleId] of ids.entries()) {
    const [cron = ''] = rules[index % rules.length] ?? [];
    const rule = { timing: { cron }, timeZone: zones[Math.floor(index / rules.length)] ?? '' };
    const { planned, skipped } = await decidedBy(scheduleId);
    const upTo = Math.max(...planned.map(({ at }) => at));
    const all = instantsOf(rule, START, upTo);
    const ranges = skipped.flatMap(({ from, to, count }) => {
      const within = all.filter((at) => at >= from && at <= to);
      expect(within).toHaveLength(count);
      return within;
    });
    expect([...planned.map(({ at }) => at), ...ranges].toSorted((a, b) => a - b)).toEqual(all);
    expect(upTo).toBeGreaterThan(now);
    for (const { at, dueAt } of planned) expect(dueAt).toBeGreaterThanOrEqual(at);
  }
  await until(
    async () => {
      for (const scheduleId of ids)
        for (const { jobId } of (await decidedBy(scheduleId)).planned)
          if ((await world.story(jobId)).length !== 1) return false;
      return true;
    },
    { timeoutMs: 30_000, what: 'each planned occurrence has its job' },
  );
  const [first] = ids;
  const { planned } = await decidedBy(first ?? '');
  expect(planned.length).toBeGreaterThan(DAYS / 2);
  const [job] = await world.log.read(jobStream(planned[0]?.jobId ?? ''));
  expect(job?.data).toMatchObject({ scheduleId: first });
}, 1_200_000);
