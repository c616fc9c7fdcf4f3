import type { JobEvent } from '../../../../domain/job/events';
import { executorBeats } from '../../../../infra/postgres/executor-beats';
import { toldBudgets } from '../../../../infra/postgres/queue-budgets';
import { toldStarts } from '../../../../infra/postgres/queue-starts';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { queueStates } from '../../../../projections/queries/queues';
import { unservedQueues } from '../../../../projections/queries/rescuing/unserved-queues';
import { readModel } from '../../../../projections/projections';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../support/job-histories';
import { dispatched, scheduled, started } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

const MINUTE_MS = 60_000;

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
  await model.db.raw('truncate executors, unserved_queues, queue_budgets, queue_starts');
  position = 0n;
});

const project = async (n: number, events: readonly JobEvent[], at: number): Promise<void> => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const its = events.map((event, revision) =>
    recorded(testJobId(n), BigInt(revision), ++position, event, at),
  );
  await writer.apply(its, position);
};

const queued = (n: number, queue: string, dueAt: number) =>
  project(n, [scheduled({ queue }, dueAt), dispatched(1, dueAt)], dueAt);

const holdBack = (queue: string, ownerId: string, reason: string, since: number) =>
  model.db.raw('insert into held_back values (?, ?, ?, ?, now())', [
    queue,
    ownerId,
    reason,
    new Date(since).toISOString(),
  ]);

const list = async (limit = 10) => (await queueStates(model.db, 15_000).list(limit)).queues;

const beat = (queue: string) =>
  executorBeats(model.db).record([{ executorId: `x-${queue}`, queue, running: 0 }]);

test('queues are told that have executors, jobs under way or jobs held back; the stuck ones first', async () => {
  const now = Date.now();
  await beat('mail');
  await beat('idle');
  await queued(1, 'mail', now - 2_000);
  await project(2, [scheduled({ queue: 'mail' }, now), dispatched(1, now), started()], now);
  await queued(3, 'mial', now - MINUTE_MS);
  await queued(4, 'mial', now - 5_000);
  await holdBack('mial', '', 'no-executors', now - MINUTE_MS / 2);
  await holdBack('mail', 'ada', 'owner-turn', now - 1_000);
  const found = await list();
  expect(found).toMatchObject([
    {
      ...{ queue: 'mial', executors: 0, queued: 2, running: 0, ownersHeldBack: 0 },
      heldBack: { reason: 'no-executors', since: new Date(now - MINUTE_MS / 2).toISOString() },
    },
    { queue: 'mail', executors: 1, queued: 1, running: 1, ownersHeldBack: 1 },
    { queue: 'idle', executors: 1, queued: 0, running: 0, ownersHeldBack: 0 },
  ]);
  expect(found[0]?.oldestWaitMs).toBeGreaterThanOrEqual(MINUTE_MS);
  expect(found[1]?.oldestWaitMs).toBeLessThan(MINUTE_MS);
  expect(found.map((one) => 'heldBack' in one)).toEqual([true, false, false]);
  expect(found[2]).not.toHaveProperty('oldestWaitMs');
  expect(await list(1)).toHaveLength(1);
});

test('what is due and was not sent is the backlog of its queue, which is told even when nobody serves it', async () => {
  const now = Date.now();
  for (const n of [1, 2, 3]) await project(n, [scheduled({ queue: 'mail' }, now - n * 1_000)], now);
  await project(4, [scheduled({ queue: 'mial' }, now - MINUTE_MS)], now);
  await project(5, [scheduled({ queue: 'mail' }, now + 10 * MINUTE_MS)], now); // is not due
  await queued(6, 'mail', now - 500); // was sent
  const { queues, isBacklogCut } = await queueStates(model.db, 15_000).list(10);
  expect(isBacklogCut).toBe(false);
  expect(queues).toMatchObject([
    { queue: 'mial', backlog: 1, queued: 0 },
    { queue: 'mail', backlog: 3, queued: 1 },
  ]);
  expect(queues[0]?.oldestWaitMs).toBeGreaterThanOrEqual(MINUTE_MS);
  expect(queues[1]?.oldestWaitMs).toBeGreaterThanOrEqual(3_000);
});

test("one owner's pile is counted up to a bound, says so, and hides no other queue", async () => {
  const now = Date.now();
  await project(1, [scheduled({ queue: 'small' }, now - 1_000)], now);
  await project(2, [scheduled({ queue: 'piled' }, now - MINUTE_MS)], now);
  await model.db.raw(
    `insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms, owner_id, name, location, queue)
     select gen_random_uuid(), due_at, slot, revision, position, attempt, timeout_ms, owner_id, name, location, queue
     from due_jobs, generate_series(1, 6000) where queue = 'piled'`,
  );
  const { queues, isBacklogCut } = await queueStates(model.db, 15_000).list(10);
  expect(isBacklogCut).toBe(true);
  const backlogs = new Map(queues.map(({ queue, backlog }) => [queue, backlog]));
  expect(backlogs.get('piled')).toBeGreaterThanOrEqual(5_000);
  expect(backlogs.get('piled')).toBeLessThan(6_001);
  expect(backlogs.get('small')).toBe(1);
});

test('the rate is that of the last minute over all gateways, and a queue is told that started jobs in it', async () => {
  const { tell } = toldStarts(model.db);
  await tell('gateway-1', new Map([['mail', 20]]));
  await tell('gateway-1', new Map([['mail', 4]])); // of the same second or the next: both count
  await tell('gateway-2', new Map([['mail', 6]]));
  await model.db.raw(
    `insert into queue_starts values (now() - interval '70 seconds', 'mail', 'gateway-1', 1000),
                                     (now() + interval '1 hour', 'mail', 'gateway-1', 1000)`,
  );
  expect(await list()).toMatchObject([{ queue: 'mail', startsPerSecond: 0.5, executors: 0 }]);
  await model.db.raw(`update queue_starts set at = at - interval '3 minutes'`);
  expect(await list()).toEqual([]);
  await tell('gateway-1', new Map([['mail', 1]]));
  const { rows } = await model.db.raw<{ rows: readonly { starts: number }[] }>(
    'select starts from queue_starts',
  );
  expect(rows).toEqual([{ starts: 1 }]); // the old ones are gone, and those of a time to come
});

test('a budget is what the dispatchers say who were heard of just now', async () => {
  await beat('mail');
  expect((await list())[0]).not.toHaveProperty('budget');
  const { tell } = toldBudgets(model.db);
  await tell('d1', [{ queue: 'mail', messages: 256 }]);
  await tell('d2', [{ queue: 'mail', messages: 300 }]);
  await tell('d1', [{ queue: 'mail', messages: 280 }]);
  expect(await list()).toMatchObject([{ queue: 'mail', budget: 300 }]);
  await model.db.raw(
    `update queue_budgets set seen_at = now() - interval '11 seconds' where dispatcher_id = 'd2'`,
  );
  expect(await list()).toMatchObject([{ queue: 'mail', budget: 280 }]);
});

test('dispatched jobs are read by queue in pages, each of them once', async () => {
  const now = Date.now();
  for (let n = 0; n < 7; n += 1) await queued(n, n % 2 === 0 ? 'even' : 'odd', now + n);
  const { queued: page } = unservedQueues(model.db);
  const counts = new Map<string, number>();
  let pages = 0;
  for (let after: bigint | undefined = -1n; after !== undefined; pages += 1) {
    const { queues, next } = await page(after, 3);
    for (const { queue, jobs } of queues) counts.set(queue, (counts.get(queue) ?? 0) + jobs);
    after = next;
  }
  expect(Object.fromEntries(counts)).toEqual({ even: 4, odd: 3 });
  expect(pages).toBe(3);
  expect((await page(-1n, 100)).queues).toContainEqual({ queue: 'even', since: now, jobs: 4 });
});

test('beats tell of each queue when an executor was last heard, and whether any could be', async () => {
  const { beats } = unservedQueues(model.db);
  await model.db.raw('delete from gateways');
  expect(await beats()).toMatchObject({ audibleSince: undefined, lastBeats: new Map() });
  await executorBeats(model.db).listening('gateway-1', false, 3_000);
  await beat('mail');
  const { now, audibleSince, lastBeats } = await beats();
  expect([...lastBeats.keys()]).toEqual(['mail']);
  expect(now - (audibleSince ?? 0)).toBeLessThan(30_000);
  expect(now - (lastBeats.get('mail') ?? 0)).toBeLessThan(30_000);
});

test('what is told replaces what was told before, and is forgotten when nobody looks any more', async () => {
  const { tell, told, heldBack } = unservedQueues(model.db);
  const [a, b] = ['a', 'b'].map((queue, n) => ({ queue, since: Date.now() - n, jobs: n }));
  if (!a || !b) throw new Error('two queues');
  await tell([a, b]);
  expect(await told(1)).toEqual({ count: 2, longest: [b] });
  await tell([a]);
  expect(await told(10)).toEqual({ count: 1, longest: [a] });
  await model.db.raw(`update unserved_queues set seen_at = now() - interval '2 minutes'`);
  expect(await told(10)).toEqual({ count: 0, longest: [] });
  await holdBack('c', 'ada', 'owner-turn', a.since);
  await holdBack('c', '', 'queue-full', a.since + 5);
  expect(await heldBack()).toEqual([{ queue: 'c', since: a.since, jobs: 0 }]);
});
