import { systemTimers } from '../../../../processes/runtime/timers';
import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import {
  dueJobs,
  LANE_COUNT,
  type DueCursor,
  type DueQuery,
  type DueRow,
  type LaneSpan,
} from '../../../../projections/queries/dispatching/due-jobs';
import { executorRuns } from '../../../../projections/queries/rescuing/executor-runs';
import { freshness, type NoticeHandlers } from '../../../../projections/queries/freshness';
import type { JobFilter } from '../../../../domain/job/filter';
import { heldBackOf } from '../../../../projections/queries/dispatching/held-back';
import { jobCounts } from '../../../../projections/queries/job-counts';
import { jobQueries } from '../../../../projections/queries/jobs';
import { statusFeed } from '../../../../projections/queries/status-feed';
import { queuedJobs } from '../../../../projections/queries/rescuing/queued-jobs';
import { unfinishedJobs } from '../../../../projections/queries/rescuing/unfinished-jobs';
import { readModel } from '../../../../projections/projections';
import { trimStatusFeed } from '../../../../projections/jobs/status-feed';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { allLanes, allShards } from '../../../support/due-rows';
import { recorded, testJobId } from '../../../support/job-histories';
import { cancelled, dispatched, scheduled, started, succeeded, t } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { isLong } from '../../../support/rounds';
import { workOf } from '../../../support/work-of';

let model: TestReadModel;
let session: WriteSession;
let position = 0n;

beforeAll(async () => {
  model = await createReadModel();
  session = await model.openSession();
});
afterAll(async () => {
  await session.close();
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
  position = 0n;
});

/** Projects a job's events, recorded at `at`. */
const project = async (n: number, events: readonly JobEvent[], at = t(0)): Promise<void> => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const its = events.map((event, revision) =>
    recorded(testJobId(n), BigInt(revision), ++position, event, at),
  );
  await writer.apply(its, position);
};

describe('counts', () => {
  beforeEach(async () => {
    await project(1, [scheduled({ name: 'one', tags: ['x'] }, t(10))]);
    await project(2, [scheduled({ name: 'two' }, t(20)), { ...cancelled }]);
    await project(3, [scheduled({ name: 'three', queue: 'mail' }, t(30))]);
    await project(4, [scheduled({ name: 'of dave', ownerId: 'dave' }, t(40))]);
  });

  test.each([
    [{}, { scheduled: 3, cancelled: 1 }, 'an operator counts all'],
    [{ ownerId: 'ada' }, { scheduled: 2, cancelled: 1 }, 'nobody counts the jobs of others'],
    [{ ownerId: 'ada', tag: 'x' }, { scheduled: 1 }, 'by tag'],
    [{ ownerId: 'ada', from: t(15), to: t(30) }, { cancelled: 1 }, 'by due time'],
    [{ ownerId: 'ada', q: 'T', queue: 'mail' }, { scheduled: 1 }, 'by name and queue'],
    [{ ownerId: 'nobody' }, {}, 'nothing'],
  ])('of %j are %j: %s', async (filter: JobFilter, counts, _why) => {
    expect(await jobCounts(model.db)(filter, 10)).toEqual({ counts, isComplete: true });
  });

  test('look at so many jobs and no more, those due last: a million cost what a few cost', async () => {
    expect(await jobCounts(model.db)({ ownerId: 'ada' }, 2)).toEqual({
      counts: { scheduled: 2, cancelled: 1 },
      isComplete: false,
    });
    expect((await jobCounts(model.db)({ ownerId: 'ada' }, 3)).isComplete).toBe(true);
    expect((await jobCounts(model.db)({ ownerId: 'ada', tag: 'x' }, 1)).counts).toEqual({});
  });
});

describe('lists', () => {
  const names = async (filter: JobFilter): Promise<readonly string[]> =>
    (await jobQueries(model.db).list(filter, { limit: 50 })).items.map(({ name }) => name);

  const cases: readonly (readonly [JobFilter, readonly string[], string])[] = [
    [{ ownerId: 'ada' }, ['c_', 'b%', 'a'], 'the latest due time first'],
    [{}, ['dave', 'c_', 'b%', 'a'], 'an operator sees all'],
    [{ ownerId: 'nobody' }, [], 'a stranger sees nothing'],
    [{ status: ['cancelled'] }, ['b%'], 'by status'],
    [{ status: [] }, [], 'no status matches no job'],
    [{ from: t(20), to: t(30) }, ['b%'], 'from is included, to is not'],
    [{ tag: 'x,"y' }, ['a'], 'a tag with commas and quotes'],
    [{ queue: 'mail' }, ['c_'], 'by queue'],
    [{ scheduleId: 'weekly' }, ['dave'], 'by schedule'],
    [{ q: '%' }, ['b%'], 'a per cent sign is one'],
    [{ q: '_' }, ['c_'], 'an underscore is one'],
    [{ q: '\\' }, [], 'a backslash is one'],
    [{ q: 'DAV' }, ['dave'], 'upper and lower case alike'],
    [{ q: "'; drop table jobs; --" }, [], 'SQL is text'],
  ];
  test.each(cases)('%j gives %j: %s', async (filter, expected) => {
    await project(1, [scheduled({ name: 'a', tags: ['x,"y', 'z'] }, t(10))]);
    await project(2, [scheduled({ name: 'b%' }, t(20)), { ...cancelled }]);
    await project(3, [scheduled({ name: 'c_', queue: 'mail' }, t(30))]);
    await project(4, [scheduled({ name: 'dave', ownerId: 'dave', scheduleId: 'weekly' }, t(40))]);
    expect(await names(filter)).toEqual(expected);
  });

  test('pages follow one another without gap or repeat, also among equal due times', async () => {
    for (let n = 0; n < 7; n++) await project(n, [scheduled({}, t(n < 5 ? 50 : 60))]);
    const queries = jobQueries(model.db);
    const seen: string[] = [];
    let page = await queries.list({ ownerId: 'ada' }, { limit: 3 });
    for (;;) {
      seen.push(...page.items.map(({ jobId }) => jobId));
      if (!page.next) break;
      page = await queries.list({ ownerId: 'ada' }, { limit: 3, after: page.next });
    }
    expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map(testJobId));
    expect((await queries.list({ ownerId: 'ada' }, { limit: 7 })).next).toBeUndefined();
  });

  test('lists leave payloads out, one job has it', async () => {
    await project(1, [scheduled({ payload: { text: 'long' } })]);
    const queries = jobQueries(model.db);
    expect((await queries.list({}, { limit: 1 })).items[0]).not.toHaveProperty('payload');
    expect(await queries.one(testJobId(1))).toMatchObject({ payload: { text: 'long' } });
    expect(await queries.one(testJobId(2))).toBeUndefined();
  });

  test('pending jobs are counted no further than asked for', async () => {
    await project(1, [scheduled()]);
    await project(2, [scheduled(), dispatched()]);
    await project(3, [scheduled(), dispatched(), started()]);
    await project(4, [scheduled(), cancelled]);
    const queries = jobQueries(model.db);
    expect(await queries.countPending('ada', 100)).toBe(3);
    expect(await queries.countPending('ada', 2)).toBe(2);
    expect(await queries.countPending('bob', 100)).toBe(0);
  });
});

describe('what a due job waits for', () => {
  const since = new Date(Date.now() - 60_000).toISOString();
  const waiting = (n: number, ownerId: string, queue: string, dueAt = Date.now() - 60_000) =>
    project(n, [scheduled({ ownerId, queue }, dueAt)]);
  const holdBack = (queue: string, ownerId: string, reason: string, seen = 'now()') =>
    model.db.raw(`insert into held_back values (?, ?, ?, ?, ${seen})`, [
      queue,
      ownerId,
      reason,
      since,
    ]);
  const told = async () => {
    const { items } = await jobQueries(model.db).list({}, { limit: 50 });
    return Object.fromEntries(
      items.map(({ ownerId, queue, waitingFor }) => [`${ownerId} ${queue}`, waitingFor]),
    );
  };

  test('is what its queue is held back by, or else its owner in that queue, and nothing for the others', async () => {
    await waiting(1, 'ada', 'mail');
    await waiting(2, 'bob', 'mail');
    await waiting(3, 'ada', 'bulk');
    await waiting(4, 'bob', 'bulk');
    await waiting(5, 'ada', 'default');
    await holdBack('mail', '', 'queue-full');
    await holdBack('mail', 'ada', 'owner-turn');
    await holdBack('bulk', 'ada', 'owner-running');
    expect(await told()).toEqual({
      'ada mail': { reason: 'queue-full', since },
      'bob mail': { reason: 'queue-full', since },
      'ada bulk': { reason: 'owner-running', since },
      'bob bulk': undefined,
      'ada default': undefined,
    });
    expect(await jobQueries(model.db).one(testJobId(3))).toMatchObject({
      waitingFor: { reason: 'owner-running', since },
    });
    expect(await heldBackOf(model.db)('bulk', 'ada')).toEqual({ reason: 'owner-running', since });
  });

  test('is nothing for jobs that are not due, or are dispatched already', async () => {
    await holdBack('mail', '', 'queue-full');
    await waiting(1, 'ada', 'mail', Date.now() + 60_000);
    await project(2, [scheduled({ ownerId: 'bob', queue: 'mail' }), dispatched()]);
    expect(await told()).toEqual({ 'ada mail': undefined, 'bob mail': undefined });
  });

  test('is nothing when the dispatcher has not said so for ten seconds, or for a reason that is none', async () => {
    await waiting(1, 'ada', 'mail');
    await waiting(2, 'ada', 'bulk');
    await holdBack('mail', '', 'queue-full', `now() - interval '11 s'`);
    await holdBack('bulk', '', 'full-moon');
    expect(await told()).toEqual({ 'ada mail': undefined, 'ada bulk': undefined });
  });
});

describe('due jobs', () => {
  const numberOf = ({ jobId }: DueRow): number => Number.parseInt(jobId.slice(-2), 16);
  const laneOf = async (ownerId: string): Promise<number> => {
    const { rows } = await model.db.raw<{ rows: readonly { lane: number }[] }>(
      `select (hashtextextended('default/' || ?, 0) & 31)::integer as lane`,
      [ownerId],
    );
    return rows[0]?.lane ?? 0;
  };

  test('the query keeps to its lanes, its shards, its times and its positions, and pages by key', async () => {
    for (let n = 0; n < 6; n++) await project(n, [scheduled({}, t(n < 4 ? 10 : 20))]);
    const lane = await laneOf('ada');
    const find = async (
      span: Partial<LaneSpan>,
      query: Partial<Omit<DueQuery, 'spans'>> = {},
    ): Promise<readonly number[]> => {
      const spans = [{ lane, dueUpTo: t(100), ...span }];
      return (await dueJobs(model.db).find({ shards: allShards, limit: 10, ...query, spans })).map(
        numberOf,
      );
    };
    expect(await find({})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await find({ lane: (lane + 1) % LANE_COUNT })).toEqual([]);
    expect(await find({}, { shards: [{ from: 2, to: 4 }] })).toEqual([2, 3, 4]); // the shard is the id's last byte
    expect(await find({}, { shards: [] })).toEqual([]);
    expect(await find({}, { shards: [0, 5].map((shard) => ({ from: shard, to: shard })) })).toEqual(
      [0, 5],
    );
    expect(await find({ dueUpTo: t(10) })).toEqual([0, 1, 2, 3]);
    expect(await find({ dueUpTo: t(10) - 1 })).toEqual([]);
    expect(await find({}, { positionFrom: 5n })).toEqual([4, 5]);
    expect(await find({}, { limit: 2 })).toEqual([0, 1]);
    expect(await find({ after: { dueAt: t(10), jobId: testJobId(1) } }, { limit: 2 })).toEqual([
      2, 3,
    ]);
    expect(await find({ after: { dueAt: t(10), jobId: testJobId(3) } })).toEqual([4, 5]);
    expect(await find({ dueUpTo: t(10), jobUpTo: testJobId(2) })).toEqual([0, 1, 2]);
  });

  test('a glance tells of the same rows, and those that are wanted of them are read whole', async () => {
    for (let n = 0; n < 4; n++) await project(n, [scheduled({ name: `job ${n}` }, t(10 + n))]);
    const query = { spans: allLanes(t(12)), shards: allShards, limit: 10 };
    const rows = await dueJobs(model.db).find(query);
    expect(rows).toHaveLength(3);
    expect(await dueJobs(model.db).glance(query)).toEqual(
      rows.map(({ jobId, dueAt, lane, revision }) => ({ jobId, dueAt, lane, revision })),
    );
    const [first, second] = rows;
    const moved = { jobId: second?.jobId ?? '', dueAt: t(99) };
    expect(await dueJobs(model.db).findThese([...rows.slice(0, 1), moved])).toEqual([first]);
    expect(await dueJobs(model.db).findThese([])).toEqual([]);
  });

  test('each span of a query has its own page, for the lane of one owner must not keep others waiting', async () => {
    for (let n = 0; n < 6; n++)
      await project(n, [scheduled({ ownerId: n === 5 ? 'bob' : 'ada' }, t(10))]);
    const rows = await dueJobs(model.db).find({
      spans: allLanes(t(100)),
      shards: allShards,
      limit: 2,
    });
    expect(rows.map(numberOf).sort((one, other) => one - other)).toEqual([0, 1, 5]);
  });

  test('rows of all but some owners of a lane are found behind any number of theirs, piece by piece', async () => {
    const lane = await laneOf('ada');
    const names = Array.from({ length: 500 }, (_, n) => `owner-${n}`);
    const lanes = await Promise.all(names.map(laneOf));
    const [bob = '', cyd = ''] = names.filter((_, n) => lanes[n] === lane);
    const owners = ['ada', 'ada', bob, 'ada', 'ada', 'ada', cyd, 'ada'];
    for (const [n, ownerId] of owners.entries()) await project(n, [scheduled({ ownerId }, t(10))]);

    const found: number[] = [];
    let pieces = 0;
    for (let after: DueCursor | undefined; pieces < 10;) {
      const piece = await dueJobs(model.db).findOthers({
        ...{ lane, dueUpTo: t(100), shards: allShards, scanLimit: 3, limit: 10 },
        passing: [{ queue: 'default', ownerId: 'ada' }],
        ...(after && { after }),
      });
      pieces += 1;
      found.push(...piece.rows.map(numberOf));
      after = piece.lookedUpTo;
      if (!after) break;
    }
    expect(found).toEqual([2, 6]);
    expect(pieces).toBe(3); // of three, three and two rows
  });
});

test('the database clock is never ahead of itself', async () => {
  const { databaseNow } = dueJobs(model.db);
  const before = await databaseNow();
  const { rows } = await model.db.raw<{ rows: readonly { ms: string }[] }>(
    'select extract(epoch from clock_timestamp()) * 1000 as ms',
  );
  expect(before).toBeLessThanOrEqual(Number(rows[0]?.ms));
  expect(Number.isInteger(before)).toBe(true);
});

test('the status feed tells changes in order, to an owner his own, and forgets the oldest by age', async () => {
  await project(1, [scheduled(), dispatched()], Date.now() - 25 * 3_600_000);
  await project(2, [scheduled({ ownerId: 'bob', name: 'his' })], Date.now());
  const feed = statusFeed(model.db);
  const told = async (after: bigint, owner?: string) =>
    (await feed.after(after, owner, 10)).map((change) => change.position);
  expect(await told(-1n)).toEqual([1n, 2n, 3n]);
  expect(await told(1n)).toEqual([2n, 3n]);
  expect(await told(-1n, 'bob')).toEqual([3n]);
  expect(await feed.head()).toBe(3n);
  expect(await feed.oldest()).toBe(1n);
  const dayMs = 24 * 3_600_000;
  expect(await trimStatusFeed(session, dayMs, 1)).toBe(true); // as many as it may: there may be more
  expect(await feed.oldest()).toBe(2n);
  expect(await trimStatusFeed(session, dayMs)).toBe(false);
  expect(await feed.oldest()).toBe(3n);
});

describe('what the rescuer looks for', () => {
  const ago = (ms: number): number => Date.now() - ms;
  const beat = (executorId: string, ms: number) =>
    model.db.raw(
      `insert into executors values (?, 'default', 1, now() - ? * interval '1 millisecond')`,
      [executorId, ms],
    );
  const gateway = (id: string, listeningMs: number, aliveMs: number) =>
    model.db.raw(
      `insert into gateways values (?, now() - ? * interval '1 millisecond',
         now() - ? * interval '1 millisecond')
       on conflict (gateway_id) do update
       set listening_since = excluded.listening_since, alive_at = excluded.alive_at`,
      [id, listeningMs, aliveMs],
    );
  beforeEach(() => model.db.raw('truncate executors, gateways'));

  test('queued jobs in the order of the log, with all that their messages need', async () => {
    await project(1, [scheduled({ maxLatenessMs: 5_000 }), dispatched()]);
    await project(2, [scheduled(), dispatched()]);
    await project(3, [scheduled(), dispatched(), started()]);
    const { page, sent, standing } = queuedJobs(model.db);
    const ids = async (after: bigint) => (await page(after, 10)).map(({ jobId }) => jobId);
    expect(await ids(-1n)).toEqual([testJobId(1), testJobId(2)]);
    expect(await sent([testJobId(1), testJobId(3)])).toMatchObject([
      {
        ...{ jobId: testJobId(1), attempt: 1, delivery: 1, revision: 1n, queue: 'default' },
        ...{ dueAt: t(50), maxLatenessMs: 5_000, ownerId: 'ada' },
      },
    ]);
    const again = { type: 'JobRedispatched', data: { attempt: 1, delivery: 2 } } as const;
    const writer = await projectionWriter(session, readModel, announceProjected);
    await writer.apply([recorded(testJobId(1), 2n, ++position, again, ago(0))], position);
    expect(await ids(-1n)).toEqual([testJobId(2), testJobId(1)]);
    expect(await ids(position)).toEqual([]);
    const rows = await standing([testJobId(1), testJobId(3), testJobId(9)]);
    expect(new Map(rows.map((row) => [row.jobId, row.status]))).toEqual(
      new Map([
        [testJobId(1), 'queued'],
        [testJobId(3), 'running'],
      ]),
    );
    expect(rows.map(({ revision }) => revision)).toEqual([2n, 2n]);
  });

  test('queued jobs that are later than they may be', async () => {
    await project(1, [scheduled({ maxLatenessMs: 5_000 }), dispatched()]);
    await project(2, [scheduled(), dispatched()]);
    await project(3, [scheduled({ maxLatenessMs: 5_000 })]);
    const { tooLate } = queuedJobs(model.db);
    expect(await tooLate(t(55), 10)).toEqual([]);
    expect(await tooLate(t(55) + 1, 10)).toEqual([testJobId(1)]);
  });

  test('jobs that left the queue otherwise than by a start, and none that were cancelled undispatched', async () => {
    const moved = {
      type: 'JobRescheduled',
      data: { dueAt: toTimestamp(t(75)), previousDueAt: toTimestamp(t(50)) },
    } as const;
    await project(1, [scheduled(), dispatched(), cancelled]);
    await project(2, [scheduled(), cancelled]);
    await project(3, [scheduled(), dispatched(), moved]);
    await project(4, [scheduled(), dispatched(), started(), succeeded]);
    const { left } = queuedJobs(model.db);
    const found = await left(-1n, position, 10);
    expect(found.map(({ jobId }) => jobId)).toEqual([testJobId(1), testJobId(3)]);
    expect(await left(found[1]?.position ?? 0n, position, 10)).toEqual([]);
  });

  test('running jobs past their time limit and the grace, as old as the bands of the log tell', async () => {
    await project(1, [scheduled({ timeoutMs: 10_000 }), dispatched(), started()]);
    const first = position;
    await project(2, [scheduled({ timeoutMs: 30_000 }), dispatched(), started()]);
    const second = position;
    await project(3, [scheduled({ timeoutMs: 10_000 }), dispatched(), started()]);
    const { overdue } = unfinishedJobs(model.db);
    const bands = [
      { after: -1n, upTo: first, ageMs: 25_000 },
      { after: first, upTo: second, ageMs: 20_000 },
    ];
    const one = { jobId: testJobId(1), attempt: 1, position: first, ageMs: 25_000 };
    expect(await overdue(bands, 5_000, -1n, 10)).toEqual([one]);
    expect(await overdue(bands, 20_000, -1n, 10)).toEqual([]);
    expect(await overdue(bands, 5_000, first, 10)).toEqual([]);
    const older = bands.map((band) => ({ ...band, ageMs: band.ageMs + 20_000 }));
    expect((await overdue(older, 5_000, -1n, 10)).map(({ jobId }) => jobId)).toEqual([
      testJobId(1),
      testJobId(2),
    ]);
    expect(await overdue(older, 5_000, first, 1)).toHaveLength(1);
  });

  test('jobs of silent executors, but nobody while beats cannot be heard', async () => {
    await project(1, [scheduled(), dispatched(), started(1, 'silent')], ago(60_000));
    await project(2, [scheduled(), dispatched(), started(1, 'lively')], ago(60_000));
    await project(3, [scheduled(), dispatched(), started(1, 'never-beat')], ago(60_000));
    await project(4, [scheduled(), dispatched(), started(1, 'just-began')], ago(1_000));
    await beat('silent', 20_000);
    await beat('lively', 1_000);
    const orphans = async () =>
      (await unfinishedJobs(model.db).orphaned(15_000, 10)).map(({ executorId }) => executorId);
    await gateway('g1', 100_000, 0);
    expect((await orphans()).toSorted()).toEqual(['never-beat', 'silent']);
    await gateway('g1', 10_000, 0); // listening anew: the silence may have been its own
    expect(await orphans()).toEqual([]);
    await gateway('g2', 100_000, 4_000); // frozen, and what it would have heard nobody knows
    expect(await orphans()).toEqual([]);
    await gateway('g2', 100_000, 0); // one that has listened all the time is evidence enough
    expect((await orphans()).toSorted()).toEqual(['never-beat', 'silent']);
    await gateway('g1', 100_000, 4_000); // nobody listens
    await gateway('g2', 100_000, 4_000);
    expect(await orphans()).toEqual([]);
  });

  test('after a clock was set back a beat or a gateway of a time to come is no evidence', async () => {
    await project(1, [scheduled(), dispatched(), started(1, 'lively')], ago(60_000));
    await project(2, [scheduled(), dispatched(), started(1, 'gone')], ago(60_000));
    await beat('lively', 1_000);
    await beat('gone', -3_600_000);
    const orphans = async () =>
      (await unfinishedJobs(model.db).orphaned(15_000, 10)).map(({ executorId }) => executorId);
    await gateway('gone', 100_000, -3_600_000);
    expect(await orphans()).toEqual([]);
    await gateway('g1', 100_000, 0); // has listened since the clock was set, and heard one of them
    expect(await orphans()).toEqual(['gone']);
  });
});

describe('what is known of an executor’s runs', () => {
  const request: JobEvent = { type: 'JobAbortRequested', data: {} };

  test('are those that run on it, and which of them shall stop', async () => {
    await project(1, [scheduled(), dispatched(), started(1, 'x1'), request]);
    await project(2, [scheduled(), dispatched(), started(1, 'x1')]);
    await project(3, [scheduled(), dispatched(), started(1, 'x2'), request]);
    const held = await executorRuns(model.db).heldBy('x1');
    expect(held.toSorted((a, b) => a.jobId.localeCompare(b.jobId))).toMatchObject([
      { jobId: testJobId(1), attempt: 1, isAbortRequested: true },
      { jobId: testJobId(2), attempt: 1, isAbortRequested: false },
    ]);
  });

  test('named ones are doubtful when they are over or another’s, not while they may be granted', async () => {
    await project(1, [scheduled(), dispatched(), started(1, 'x1')]);
    await project(2, [scheduled(), dispatched()]);
    await project(3, [scheduled(), dispatched(), started(1, 'x2')]);
    await project(4, [scheduled(), dispatched(), started(1, 'x1'), succeeded]);
    const named = [1, 2, 3, 4, 5].map((n) => ({ jobId: testJobId(n), attempt: 1 }));
    const { doubtful } = executorRuns(model.db);
    const found = await doubtful('x1', [...named, { jobId: testJobId(1), attempt: 2 }], 10);
    expect(found.toSorted((a, b) => a.jobId.localeCompare(b.jobId))).toEqual([
      { jobId: testJobId(1), attempt: 2 },
      { jobId: testJobId(3), attempt: 1 },
      { jobId: testJobId(4), attempt: 1 },
    ]);
  });

  const RUNS = isLong ? 100_000 : 20_000;

  test(`are looked up in an index of their own, so ${RUNS} runs of others cost nothing`, async () => {
    await model.db.raw(
      `insert into jobs (job_id, revision, position, due_at, scheduled_at, started_at, timeout_ms,
         cutoff_ms, attempt, abort_requested, status, owner_id, name, location, queue, executor_id,
         tags, retry)
       select gen_random_uuid(), 2, n, now(), now(), now(), 60000, 0, 1, false, 'running', 'ada',
         'n', 'print:', 'default', 'other-' || n % 4, '{}', '{}'
       from generate_series(1, ?::integer) n`,
      [RUNS],
    );
    await model.db.raw('analyze jobs');
    await model.db.raw(`truncate executors, gateways`);
    await model.db.raw(`insert into gateways values ('g1', now() - interval '1 hour', now())`);
    expect((await workOf(model.db, () => executorRuns(model.db).heldBy('x1'))).pages).toBeLessThan(
      20,
    );
    for (const n of [0, 1, 2, 3])
      await model.db.raw(`insert into executors values (?, 'default', 1, now())`, [`other-${n}`]);
    const orphaned = () => unfinishedJobs(model.db).orphaned(15_000, 10);
    expect((await workOf(model.db, orphaned)).pages).toBeLessThan(100);
    expect(await orphaned()).toEqual([]);
  });
});

describe('freshness', () => {
  const controlled = () => {
    const all: NoticeHandlers[] = [];
    const it = freshness(model.db, (handlers) => all.push(handlers), systemTimers.after);
    return {
      it,
      notify: (payload: string) => {
        for (const { onMessage } of all) onMessage(payload);
      },
      reconnect: () => {
        for (const { onConnect } of all) onConnect();
      },
    };
  };
  const setCheckpoint = (at: number) => model.db('checkpoint').update({ position: at });

  test('what is there already needs no wait; what never comes ends with the time-out', async () => {
    const { it } = controlled();
    await setCheckpoint(10);
    expect(await it.waitFor(10n, 5_000)).toBe(true);
    expect(await it.waitFor(11n, 20)).toBe(false);
    expect((await it.checkpoint()).position).toBe(10n);
    expect(await it.parkedStreams()).toBe(0);
  });

  test('a notice wakes those whose position is reached, and no one else; other texts wake nobody', async () => {
    const { it, notify } = controlled();
    const near = it.waitFor(20n, 10_000);
    const far = it.waitFor(30n, 200);
    notify('not ours');
    notify('{"position":"20","duePosition":null,"dueAt":null}');
    expect(await near).toBe(true);
    expect(await far).toBe(false);
  });

  test('a new connection reads the checkpoint, for notices may have been missed', async () => {
    const { it, reconnect } = controlled();
    const waiting = it.waitFor(20n, 10_000);
    await it.checkpoint();
    await setCheckpoint(20);
    reconnect();
    expect(await waiting).toBe(true);
  });

  test('a checkpoint that a crash took back is not believed any more', async () => {
    const { it, notify, reconnect } = controlled();
    notify('{"position":"20","duePosition":null,"dueAt":null}');
    expect(await it.waitFor(20n, 5_000)).toBe(true);
    reconnect();
    expect(await it.waitFor(20n, 20)).toBe(false);
  });
});
