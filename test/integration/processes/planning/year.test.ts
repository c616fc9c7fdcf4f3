import type { Violation } from '../../../../domain/audit/violation';
import type { EventLog, RecordedEvent } from '../../../../domain/event-log';
import { jobStream, scheduleStream } from '../../../../domain/ids';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import type { Rule, WhenMissed } from '../../../../domain/schedule/definition';
import { fromTimestamp } from '../../../../domain/time';
import { scheduleCommands } from '../../../../commands/schedules/schedule-commands';
import { jobCommands } from '../../../../commands/job-commands';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreEventAt } from '../../../../infra/eventstore/event-at';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import { uuids } from '../../../../infra/ids';
import { plannerProgress } from '../../../../infra/postgres/planner-progress';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { planner } from '../../../../processes/planning/planner';
import { knownSchedules } from '../../../../projections/queries/schedules/known-schedules';
import { schedulePlanning } from '../../../../projections/queries/schedules/planning';
import { unfinished } from '../../../../projections/queries/schedules/unfinished';
import { startEventStoreChild, type EventStoreChild } from '../../../support/event-store';
import { plainStreams } from '../../../support/names';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { silentLogger } from '../../../support/processes';
import { isLong } from '../../../support/rounds';
import { definition } from '../../../support/schedules';
import { silentPlannerMetrics } from '../../../support/planner';
import { until } from '../../../support/until';
import { verifiedLog } from '../../../support/verified-log';
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
const daily: readonly (readonly [cron: string, whenMissed: WhenMissed])[] = [
  ['30 2 * * *', { policy: 'fire-once' }],
  ['0 9 31 * *', { policy: 'fire-all', limit: 3 }],
  ['15 2 * * 0', { policy: 'skip', afterMs: HOUR }],
];
/** The calendar's rules in each zone, and the one that comes often where clocks change by half an hour. */
const schedules = [
  ...zones.flatMap((timeZone) =>
    daily.map(([cron, whenMissed]) => ({ rule: { timing: { cron }, timeZone }, whenMissed })),
  ),
  {
    rule: { timing: { cron: OFTEN }, timeZone: 'Australia/Lord_Howe' },
    whenMissed: { policy: 'fire-once' } as const,
  },
];
const calendars = calendarsBy(pinnedZones);

let database: TestDatabase;
let store: EventStoreChild;
let client: ReturnType<typeof openEventStore>;
let world: World;
let now = START;
const clock = { now: () => now };

beforeAll(async () => {
  database = await createDatabase();
  store = await startEventStoreChild(database.url);
  client = openEventStore(store.url);
  const log = eventStoreLog(client, plainStreams);
  const feed = eventStoreFeed(client, plainStreams);
  world = await createWorld({
    openLog: () => ({ log, feed, eventAt: eventStoreEventAt(client) }),
  });
});
afterAll(async () => {
  await world.dispose();
  await closeEventStore(client);
  await store.kill();
  await database.drop();
});

/** A log whose server is killed while an append is under way: it may be recorded, and nobody learns of it. */
const killable = (log: EventLog) => {
  let appendsLeft = Infinity;
  let killed: Promise<void> | undefined;
  return {
    log: {
      ...log,
      append: (...args: Parameters<EventLog['append']>) => {
        const appended = log.append(...args);
        appendsLeft -= 1;
        if (appendsLeft < 0) killed ??= store.kill();
        return appended;
      },
    },
    killAfter: (appends: number) => {
      appendsLeft = appends;
    },
    untilKilled: () => until(() => killed !== undefined, { what: 'the event store is killed' }),
    restart: async () => {
      await killed;
      [killed, appendsLeft] = [undefined, Infinity];
      store = await startEventStoreChild(database.url, store.port);
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
  for (const { rule, whenMissed } of schedules) {
    const { ownerId: _owner, ...rest } = definition;
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
      settings: { everyMs: 20, mendEveryMs: 50, aheadMs: DAY + HOUR },
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
    { what: 'all is decided for a day ahead' },
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

const PAGE_EVENTS = 4_000;

/** In pages, for a year of a rule that comes often is more than one read may take. */
const eventsOf = async (stream: string): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for (let page; page === undefined || page.length === PAGE_EVENTS;) {
    page = await world.log.read(stream, BigInt(events.length), PAGE_EVENTS);
    events.push(...page);
  }
  return events;
};

/** What a stream says of the instants of its rule, read by nobody else. */
const decidedBy = async (scheduleId: string): Promise<Decided> => {
  const events = await eventsOf(scheduleStream(scheduleId));
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
  const { log, killAfter, untilKilled, restart } = killable(world.log);
  let projecting = world.run(world.projector());
  const ids = await create(log);
  let planning = runPlanner(log);
  for (let day = 1; day <= DAYS; day += 1) {
    now += DAY;
    await untilDecided();
    const season = Math.floor((day * 4) / DAYS);
    if (Math.floor(((day - 1) * 4) / DAYS) === season || season === 4) continue;
    // in the middle of what the next day brings
    killAfter(season);
    now += DAY;
    await untilKilled();
    await Promise.all([planning.stop(), ...(season % 2 === 0 ? [projecting.stop()] : [])]);
    now += OUTAGE_DAYS * DAY;
    await restart();
    planning = runPlanner(log);
    if (season % 2 === 0) projecting = world.run(world.projector());
    await untilDecided();
  }

  for (const [index, scheduleId] of ids.entries()) {
    const rule = schedules[index]?.rule;
    if (!rule) throw new Error('more schedules than were made');
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
    { what: 'each planned occurrence has its job' },
  );
  // the same sum, as `audit verify` takes it: of the log, and against the rows
  const overdueAfterMs = DAY;
  const { violations, verified } = await verifiedLog({
    ...{ client, db: world.readModel.db, now, overdueAfterMs },
  });
  const isOfNobody = ({ rule, subject }: Violation): boolean =>
    rule === 'missing-outcome' && !ids.includes(subject); // there is no executor in this year
  expect(violations.filter((violation) => !isOfNobody(violation))).toEqual([]);
  expect(verified.events).toBeGreaterThan(ids.length * DAYS);
  const [first] = ids;
  const { planned } = await decidedBy(first ?? '');
  expect(planned.length).toBeGreaterThan(DAYS / 2);
  const [job] = await world.log.read(jobStream(planned[0]?.jobId ?? ''));
  expect(job?.data).toMatchObject({ scheduleId: first });
}, 1_200_000);
