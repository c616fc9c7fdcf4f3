import type { JobEvent } from '../../../../domain/job/events';
import { jobStream } from '../../../../domain/ids';
import { trimStatusFeed } from '../../../../projections/jobs/status-feed';
import { readModel } from '../../../../projections/projections';
import { searchIndex } from '../../../../projections/search/search-index';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../support/job-histories';
import { cancelled, dispatched, rescheduled, scheduled, started, t } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

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

/** Projects what happens to a job next. */
const project = async (
  n: number,
  events: readonly JobEvent[],
  revision = 0n,
  at = Date.now(),
): Promise<void> => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const its = events.map((event, index) =>
    recorded(testJobId(n), revision + BigInt(index), ++position, event, at),
  );
  await writer.apply(its, position);
};

const catchUp = async (): Promise<number> => {
  const { step } = searchIndex(model.db);
  for (let steps = 1; ; steps++) if ((await step()) !== 'more') return steps;
};

const indexed = async (): Promise<readonly unknown[]> =>
  (await model.db('search_jobs').select().orderBy('job_id')) as readonly unknown[];

const jobIds = async (): Promise<readonly unknown[]> =>
  (await model.db('search_jobs').orderBy('job_id').pluck('job_id')) as readonly unknown[];

const searched = (n: number, dueAt: number, ...labels: readonly string[]) => ({
  job_id: testJobId(n),
  due_at: new Date(dueAt),
  labels,
});

test('a job is found by owner, queue, name and tags, and a name that jobs share is kept once', async () => {
  await project(1, [scheduled({ name: 'Post', tags: ['x', 'y'] }, t(10))]);
  await project(2, [scheduled({ name: 'Post', queue: 'mail' }, t(20))]);
  await project(3, [scheduled({ name: 'Post', ownerId: 'bob' }, t(30))]);
  await catchUp();
  expect(await indexed()).toEqual([
    searched(1, t(10), 'oada', 'qdefault', 'nPost', 'tx', 'ty'),
    searched(2, t(20), 'oada', 'qmail', 'nPost'),
    searched(3, t(30), 'obob', 'qdefault', 'nPost'),
  ]);
  expect(await model.db('search_names').orderBy('owner').select('owner', 'label', 'name')).toEqual([
    { owner: 'oada', label: 'nPost', name: 'Post' },
    { owner: 'obob', label: 'nPost', name: 'Post' },
  ]);
});

test('changes of a status write nothing, and another due time changes it', async () => {
  await project(1, [scheduled({}, t(50))]);
  await project(2, [scheduled({}, t(50))]);
  await catchUp();
  const before = await model.db('search_jobs').select('job_id', model.db.raw('xmin'));
  await project(1, [dispatched(), started()], 1n);
  await catchUp();
  expect(await model.db('search_jobs').select('job_id', model.db.raw('xmin'))).toEqual(before);
  await project(2, [rescheduled(t(70))], 1n);
  await catchUp();
  expect(await indexed()).toMatchObject(
    [searched(1, t(50)), searched(2, t(70))].map(({ job_id, due_at }) => ({ job_id, due_at })),
  );
});

test('texts that no index has room for do not end it', async () => {
  const long = 'é'.repeat(5_000);
  await project(1, [scheduled({ name: long, tags: [long] }, t(10))]);
  await project(2, [scheduled({ name: '' }, t(20))]);
  await catchUp();
  expect(await jobIds()).toEqual([testJobId(1), testJobId(2)]);
});

test('jobs that were there before the index are taken in piece by piece, and what happens meanwhile after them', async () => {
  await model.db.raw(
    `insert into jobs (job_id, revision, position, due_at, scheduled_at, timeout_ms, cutoff_ms, attempt,
                       abort_requested, status, owner_id, name, location, queue, tags, retry)
     select gen_random_uuid(), 0, n, now(), now(), 1, 0, 1, false, 'scheduled', 'ada', 'n', 'print:', 'q', '{}', '{}'
     from generate_series(1, 5000) n`,
  );
  const { step } = searchIndex(model.db);
  await step(); // begins
  await step();
  const [{ count: some } = {}] = await model.db('search_jobs').count();
  expect(Number(some)).toBeGreaterThan(0);
  expect(Number(some)).toBeLessThan(5_000);
  await project(1, [scheduled({}, t(50)), rescheduled(t(60))]); // the first of all ids: passed already
  expect(await catchUp()).toBeGreaterThan(1);
  expect(await model.db('search_jobs').count()).toEqual([{ count: '5001' }]);
  expect(await model.db('search_jobs').where('job_id', testJobId(1))).toMatchObject([
    { due_at: new Date(t(60)) },
  ]);
});

test('in other tables it begins anew, and forgets what the log does not have any more', async () => {
  for (const n of [1, 2, 3]) await project(n, [scheduled({ name: `job ${n}` })]);
  await catchUp();
  await model.db('jobs').where('job_id', testJobId(2)).delete(); // as a replay of an older log leaves it
  await model.db('jobs').where('job_id', testJobId(3)).update({ name: 'renamed' });
  await model.db('checkpoint').increment('generation', 1);
  await catchUp();
  expect(await indexed()).toMatchObject([
    { job_id: testJobId(1) },
    { job_id: testJobId(3), labels: ['oada', 'qdefault', 'nrenamed'] },
  ]);
});

test('changes that were trimmed before it had seen them are not lost to it', async () => {
  await project(1, [scheduled()]);
  await catchUp();
  const longAgo = Date.now() - 48 * 3_600_000;
  await project(2, [scheduled()], 0n, longAgo);
  await project(1, [rescheduled(t(99))], 1n, longAgo);
  await model.db('status_feed').update({ at: new Date(longAgo) });
  await trimStatusFeed(session, 24 * 3_600_000);
  expect(await model.db('status_feed').count()).toEqual([{ count: '0' }]);
  await catchUp();
  expect(await indexed()).toMatchObject([
    { job_id: testJobId(1), due_at: new Date(t(99)) },
    { job_id: testJobId(2) },
  ]);
});

test('what is trimmed after it has seen it is none of its business', async () => {
  await project(1, [scheduled()], 0n, Date.now() - 48 * 3_600_000);
  await catchUp();
  const before = await model.db('search_progress').select();
  await trimStatusFeed(session, 24 * 3_600_000);
  expect(await model.db('search_progress').select()).toEqual(before);
  expect(before).toMatchObject([{ is_whole: true }]);
});

test('a parked stream that comes back is found, though its place in the feed was passed before', async () => {
  const broken = { type: 'JobPaused', data: {} } as unknown as JobEvent; // as a newer build would write it
  const writer = await projectionWriter(session, readModel, announceProjected);
  await writer.apply([recorded(testJobId(1), 0n, ++position, broken)], position);
  await writer.apply([recorded(testJobId(2), 0n, ++position, scheduled())], position);
  await catchUp();
  expect(await jobIds()).toEqual([testJobId(2)]);
  const log = { read: () => Promise.resolve([recorded(testJobId(1), 0n, 1n, scheduled())]) };
  expect(await writer.retryParked(log, [jobStream(testJobId(1))])).toEqual(new Set());
  await catchUp();
  expect(await jobIds()).toEqual([testJobId(1), testJobId(2)]);
  expect(await model.db('search_pending').select()).toEqual([]);
});

test('while one is at it another one does nothing, and neither waits', async () => {
  await project(1, [scheduled(), cancelled]);
  await model.db.transaction(async (transaction) => {
    await transaction.raw('select from search_progress for update');
    expect(await searchIndex(model.db).step()).toBe('elsewhere');
  });
  await catchUp();
  expect(await jobIds()).toEqual([testJobId(1)]);
});
