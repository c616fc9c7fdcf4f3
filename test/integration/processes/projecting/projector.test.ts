import { systemTimers } from '../../../../processes/runtime/timers';
import { randomUUID } from 'node:crypto';
import { concat, NEVER, Observable, of, take } from 'rxjs';
import type { EventLog } from '../../../../domain/event-log';
import { jobStream } from '../../../../domain/ids';
import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { projector, type ProjectorDeps } from '../../../../processes/projecting/projector';
import type { Feed, FeedItem } from '../../../../projections/reading/feed';
import type { After, EventAt } from '../../../../projections/reading/log-place';
import { originStore } from '../../../../projections/audit/read-model-origin';
import { freshness } from '../../../../projections/queries/freshness';
import { jobQueries } from '../../../../projections/queries/jobs';
import { readModel } from '../../../../projections/projections';
import { listenTo, type Listener } from '../../../../infra/postgres/listen';
import { testJobId } from '../../../support/job-histories';
import { dispatched, EPOCH, scheduled, started } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { silentProjectorMetrics } from '../../../support/processes';
import { until } from '../../../support/until';

let model: TestReadModel;
let notices: Listener;
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

beforeAll(async () => {
  model = await createReadModel();
  notices = listenTo({ url: model.url, applicationName: 'test-listen', channel: 'projected' });
});
afterAll(async () => {
  await notices.stop();
  await model.dispose();
});
beforeEach(() => model.clear());

const append = async (log: EventLog, jobId: string, revision: number, event: JobEvent) => {
  const metadata = {
    $correlationId: jobId,
    $causationId: jobId,
    commandId: 'c',
    actor: { kind: 'user', id: 'ada' } as const,
    at: toTimestamp(EPOCH),
    schemaVersion: 1,
  };
  const answer = await log.append(
    jobStream(jobId),
    [{ id: randomUUID(), ...event, metadata }],
    revision === 0 ? 'no-stream' : BigInt(revision - 1),
  );
  if (answer.outcome === 'conflict') throw new Error('the test itself appends at a wrong revision');
  return answer.position;
};

type Running = { readonly stop: () => Promise<void>; readonly faults: () => number };

const runProjector = (
  feed: Feed,
  eventLog: EventLog,
  eventAt: EventAt,
  more: Partial<ProjectorDeps> = {},
): Running => {
  const controller = new AbortController();
  let faults = 0;
  const process = projector({
    projection: readModel,
    feed,
    eventLog,
    eventAt,
    openSession: model.openSession,
    clock: { now: () => EPOCH },
    draw: () => 0.5,
    logger: silent,
    metrics: {
      ...silentProjectorMetrics,
      fault: () => {
        faults++;
      },
    },
    ...more,
    settings: { standbyPollMs: 20, ...more.settings },
  });
  const done = process.run(controller.signal);
  return {
    faults: () => faults,
    stop: async () => {
      controller.abort();
      await done;
    },
  };
};

const fresh = () => freshness(model.db, notices.subscribe, systemTimers.after);
const statusOf = async (n: number) => (await jobQueries(model.db).one(testJobId(n)))?.status;

const backends = async (): Promise<readonly number[]> => {
  const { rows } = await model.db.raw<{ rows: readonly { pid: number }[] }>(
    `select pid from pg_stat_activity where application_name = 'test' and datname = current_database()`,
  );
  return rows.map(({ pid }) => pid);
};

const lockHolder = async (): Promise<number | undefined> => {
  const { rows } = await model.db.raw<{ rows: readonly { pid: number }[] }>(
    `select l.pid from pg_locks l join pg_stat_activity a on a.pid = l.pid
     where l.locktype = 'advisory' and l.granted and a.application_name = 'test'
       and a.datname = current_database()`,
  );
  return rows[0]?.pid;
};

const terminate = async (pid: number | undefined): Promise<void> => {
  await model.db.raw('select pg_terminate_backend(?)', [pid ?? 0]);
};

test('what is appended becomes visible, and whoever waits for its position is woken', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  const running = runProjector(feed, log, eventAt);
  const position = await append(log, testJobId(1), 0, scheduled());
  expect(await fresh().waitFor(position, 60_000)).toBe(true);
  expect(await statusOf(1)).toBe('scheduled');
  const last = await append(log, testJobId(1), 1, dispatched());
  expect(await fresh().waitFor(last, 60_000)).toBe(true);
  expect(await statusOf(1)).toBe('queued');
  expect(await fresh().waitFor(last + 1n, 50)).toBe(false);
  await running.stop();
});

test('after Postgres has cut its connection, it goes on from the checkpoint that it reads again', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  const running = runProjector(feed, log, eventAt);
  const first = await append(log, testJobId(1), 0, scheduled());
  await fresh().waitFor(first, 60_000);
  await terminate(await lockHolder());
  // as after a crash of Postgres that took the last transaction back
  await model.db.raw('truncate jobs, due_jobs, status_feed; update checkpoint set position = -1');
  const second = await append(log, testJobId(2), 0, scheduled());
  await until(async () => (await fresh().checkpoint()).position === second);
  expect(await statusOf(1)).toBe('scheduled');
  expect(await statusOf(2)).toBe('scheduled');
  expect(running.faults()).toBeGreaterThan(0);
  await running.stop();
});

test('a feed that is cut is opened again after the last batch, so no event is lost', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  const opened: After[] = [];
  let cut: (() => void) | undefined;
  const cutting: Feed = {
    open: (after) => {
      opened.push(after);
      const subscription = feed.open(after);
      return {
        ...subscription,
        items$: new Observable((subscriber) => {
          cut = () => {
            subscriber.error(new Error('cut'));
          };
          return subscription.items$.subscribe(subscriber);
        }),
      };
    },
  };
  const running = runProjector(cutting, log, eventAt);
  const first = await append(log, testJobId(1), 0, scheduled());
  await fresh().waitFor(first, 60_000);
  cut?.();
  const second = await append(log, testJobId(2), 0, scheduled());
  expect(await fresh().waitFor(second, 60_000)).toBe(true);
  expect(opened).toEqual(['start', { position: first }]);
  await running.stop();
});

test('only one of two projectors writes, and the other takes over when its connection ends', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  const opened: string[] = [];
  const named = (name: string): Feed => ({
    open: (after) => {
      opened.push(name);
      return feed.open(after);
    },
  });
  const first = runProjector(named('first'), log, eventAt);
  await until(() => opened.length === 1);
  const second = runProjector(named('second'), log, eventAt);
  await until(async () => (await backends()).length === 2, {
    what: 'the standby waits for the lock',
  });
  const position = await append(log, testJobId(1), 0, scheduled());
  await fresh().waitFor(position, 60_000);
  expect(opened).toEqual(['first']);
  await first.stop();
  const next = await append(log, testJobId(1), 1, dispatched());
  expect(await fresh().waitFor(next, 60_000)).toBe(true);
  expect(opened).toEqual(['first', 'second']);
  await second.stop();
});

test('a stop finishes the batch under way: what was written is whole', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  for (let n = 0; n < 500; n++) await append(log, testJobId(n), 0, scheduled());
  const running = runProjector(feed, log, eventAt, {
    settings: { maxBatch: 100, standbyPollMs: 20 },
  });
  await until(async () => (await fresh().checkpoint()).position > 0n);
  await running.stop();
  const { position } = await fresh().checkpoint();
  const { rows } = await model.db.raw<{ rows: readonly { count: string; max: string }[] }>(
    'select count(*), max(position) from jobs',
  );
  expect(rows[0]).toEqual({ count: String(position / 128n), max: String(position) });
  await until(async () => (await backends()).length === 0, { what: 'its session is gone' });
});

test('an event that cannot be applied parks its stream; all others go on, and later it is tried again', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  let isFixed = false;
  const fixable: ProjectorDeps['projection'] = {
    ...readModel,
    plan: (events) => {
      const poison = events.find(
        ({ stream, type }) => stream === jobStream(testJobId(1)) && type === 'JobDispatched',
      );
      if (poison && !isFixed) throw new Error('a bug of this build');
      return readModel.plan(events);
    },
  };
  const running = runProjector(feed, log, eventAt, {
    projection: fixable,
    settings: { parkedEveryMs: 50, standbyPollMs: 20 },
  });
  await append(log, testJobId(1), 0, scheduled());
  await append(log, testJobId(2), 0, scheduled());
  await append(log, testJobId(1), 1, dispatched());
  const last = await append(log, testJobId(2), 1, dispatched());
  expect(await fresh().waitFor(last, 60_000)).toBe(true);
  expect(await statusOf(2)).toBe('queued');
  expect(await statusOf(1)).toBe('scheduled');
  expect(await fresh().parkedStreams()).toBe(1);
  const later = await append(log, testJobId(1), 2, started());
  await fresh().waitFor(later, 60_000);
  expect(await statusOf(1)).toBe('scheduled');
  isFixed = true;
  await until(async () => (await fresh().parkedStreams()) === 0);
  expect(await statusOf(1)).toBe('running');
  await running.stop();
});

test('events of nobody move the checkpoint too, so a reader who waits for one of them is served', async () => {
  const { log, feed, eventAt } = memoryEventLog({ maxSearchWindow: 1 });
  const running = runProjector(feed, log, eventAt);
  const metadata = {
    $correlationId: 'c',
    $causationId: 'c',
    commandId: 'c',
    at: toTimestamp(EPOCH),
    schemaVersion: 1,
    actor: { kind: 'system', id: 'x' } as const,
  };
  const answer = await log.append(
    'other-1',
    [{ id: randomUUID(), type: 'Other', data: {}, metadata }],
    'no-stream',
  );
  expect(answer.outcome).toBe('appended');
  expect(answer.outcome === 'appended' && (await fresh().waitFor(answer.position, 60_000))).toBe(
    true,
  );
  await running.stop();
});

test('a projector that is stopped before it has begun, or while Postgres is away, ends at once', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  const away = () => Promise.reject(new Error('nobody home'));
  const running = runProjector(feed, log, eventAt, { openSession: away });
  await until(() => running.faults() > 1);
  await running.stop();
  const early = projector({
    projection: readModel,
    feed,
    eventLog: log,
    eventAt,
    openSession: away,
    clock: { now: () => EPOCH },
    draw: () => 0,
    logger: silent,
    metrics: {
      ...silentProjectorMetrics,
      fault: () => {
        throw new Error('it began');
      },
    },
  });
  await early.run(AbortSignal.abort());
});

/** A feed of one subscription that gives these items and then nothing. */
const feedOf = (items: readonly FeedItem[], opened: After[]): Feed => ({
  open: (after) => {
    opened.push(after);
    return {
      items$: new Observable((subscriber) => {
        for (const item of items) subscriber.next(item);
      }),
      pause: () => undefined,
      resume: () => undefined,
    };
  },
});

const beyond: FeedItem & { kind: 'checkpoint' } = { kind: 'checkpoint', position: 1_000_000n };

const checkpoint = async () => (await originStore(model.db).look()).checkpoint;

test('a place that only the server tells of is kept with both its numbers and the event that is there, and gone on after', async () => {
  const { log } = memoryEventLog();
  const opened: After[] = [];
  const place = { position: 4_711n, prepare: 0n };
  const eventId = randomUUID();
  const eventAt: EventAt = ({ position }) =>
    Promise.resolve(position === 4_711n ? { ...place, prepare: 4_711n, eventId } : undefined);
  const feed = feedOf([{ kind: 'checkpoint', ...place }], opened);
  const first = runProjector(feed, log, eventAt);
  await until(async () => (await checkpoint()) !== undefined);
  await first.stop();
  expect(await checkpoint()).toEqual({ ...place, eventId });
  const second = runProjector(feed, log, eventAt);
  await until(() => opened.length === 2);
  await second.stop();
  expect(opened).toEqual(['start', place]);
});

test('a place of which the log cannot say what is there is not kept: nobody could tell later whether it is the same log', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  const position = await append(log, testJobId(1), 0, scheduled());
  const running = runProjector(
    {
      open: (after) => {
        const { items$, ...flow } = feed.open(after);
        return { ...flow, items$: concat(items$.pipe(take(1)), of(beyond), NEVER) };
      },
    },
    log,
    eventAt,
  );
  await fresh().waitFor(position, 60_000);
  expect(await fresh().waitFor(beyond.position, 200)).toBe(false);
  expect(await checkpoint()).toMatchObject({ position });
  await running.stop();
});

test('a log without the event of the checkpoint is not gone on with: it says so once, and goes on when the log has it', async () => {
  const { log, feed, eventAt } = memoryEventLog();
  const position = await append(log, testJobId(1), 0, scheduled());
  const first = runProjector(feed, log, eventAt);
  await fresh().waitFor(position, 60_000);
  await first.stop();

  const restored = memoryEventLog();
  for (const n of [7, 8, 9]) await append(restored.log, testJobId(n), 0, scheduled());
  let isRestored = true;
  const warnings: unknown[] = [];
  const second = runProjector(
    restored.feed,
    log,
    (place) => (isRestored ? restored.eventAt(place) : eventAt(place)),
    { logger: { ...silent, warn: (fields) => void warnings.push(fields) } },
  );
  await until(() => second.faults() > 1, { what: 'it looked twice' });
  expect(await jobQueries(model.db).list({}, { limit: 10 })).toMatchObject({
    items: [{ jobId: testJobId(1) }],
  });
  expect(warnings).toMatchObject([
    {
      err: {
        message: expect.stringMatching(
          /position 128 that the log does not have.*punctual replay/,
        ) as string,
      },
    },
  ]);
  isRestored = false;
  expect(await fresh().waitFor(3n * position, 60_000)).toBe(true);
  await second.stop();
});
