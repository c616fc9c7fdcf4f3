import fc from 'fast-check';
import type { RecordedEvent } from '../../../../domain/event-log';
import type { AsOf } from '../../../../domain/audit/as-of';
import type { JobEvent } from '../../../../domain/job/events';
import { jobSnapshots } from '../../../../processes/archiving/job-snapshots';
import { positionOf, type LogPlace } from '../../../../projections/reading/log-place';
import { BlockTaken, snapshotStore } from '../../../../projections/snapshots/job-snapshots';
import { thinSnapshots } from '../../../../projections/snapshots/thin-snapshots';
import { histories, recorded, testJobId } from '../../../support/job-histories';
import { dispatched, EPOCH, scheduled, started, succeeded } from '../../../support/jobs';
import {
  archive,
  batchSizes,
  byHand,
  clock,
  never,
  pastOf,
  someJobs,
  storedAll,
  storedInTime,
  thin,
} from '../../../support/past';
import { eventAtOf } from '../../../support/event-at';
import { isLong } from '../../../support/rounds';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { storedBytes } from '../../../support/stored-log';

let model: TestReadModel;
beforeAll(async () => {
  model = await createReadModel();
});
afterAll(() => model.dispose());
beforeEach(() => model.clear());

const rowsOf = async () => {
  const { rows } = await model.db.raw<{ rows: readonly unknown[] }>(
    `select s.*, b.previous_position, b.newest_at_ms as block_newest, b.events
     from job_snapshots s join snapshot_blocks b on b.end_position = s.block_end order by block_end, job_id`,
  );
  return rows;
};

test('snapshots are the same when a writer dies anywhere and what it had not written comes again', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      batchSizes,
      fc.integer({ min: 1, max: 6 }),
      async (events, sizes, deaths) => {
        await model.clear();
        const stored = storedAll(events);
        const store = snapshotStore(model.db);
        const eventAt = eventAtOf(() => stored);
        for (let life = 0; life < deaths; life++) {
          const consumer = jobSnapshots({ ...{ store, clock, eventAt }, blockEvents: 10 });
          const after = await consumer.position();
          const rest = stored.filter(
            ({ position }) => after === 'start' || position > positionOf(after),
          );
          const size = sizes[life % sizes.length] ?? 1;
          for (let start = 0; start < Math.min(rest.length, 30); start += size)
            await consumer.take(rest.slice(start, start + size));
        }
        const head = await store.head();
        const covered = events.filter(({ position }) => position <= (head?.end.position ?? -1n));
        const asOf: AsOf = { kind: 'position', position: head?.end.position ?? 0n };
        const { past } = pastOf(model, covered, stored);
        const { items } = await past.list({ asOf, filter: {}, signal: never });
        if (head) expect(items).toEqual(byHand(events, asOf));
      },
    ),
    { numRuns: isLong ? 20 : 6 },
  );
});

test('snapshots are not touched by events that come a second time', async () => {
  const stored = storedInTime(someJobs());
  await archive(model, stored, [6], 6);
  const before = await rowsOf();
  const consumer = jobSnapshots({
    ...{ store: snapshotStore(model.db), clock, blockEvents: 1 },
    eventAt: eventAtOf(() => stored),
  });
  const head = positionOf((await consumer.position()) as LogPlace); // there are blocks
  await consumer.take(stored.filter(({ position }) => position <= head));
  expect(await rowsOf()).toEqual(before);
});

test('snapshots are one row for each job that changed in the block', async () => {
  await archive(model, storedInTime(someJobs()), [30], 30);
  expect(await rowsOf()).toHaveLength(12);
});

test('snapshots of old blocks are thinned out: one row for each job, and of blocks one for all that can be read at once', async () => {
  const stored = storedInTime(someJobs());
  await archive(model, stored, [1], 1);
  expect(await rowsOf()).toHaveLength(stored.length);
  await thin(model, { maxEvents: 4 });
  const { rows: blocks } = await model.db.raw<{ rows: readonly { events: number }[] }>(
    'select events, previous_position, end_position from snapshot_blocks order by end_position',
  );
  expect(blocks.every(({ events }) => events <= 4)).toBe(true);
  expect(blocks.length).toBeLessThan(stored.length / 2);
  await thin(model);
  await thin(model);
  const { rows } = await model.db.raw<{ rows: readonly unknown[] }>('select from job_snapshots');
  expect(rows.length).toBeLessThan(stored.length);
});

test('snapshots of the last day stay as they are', async () => {
  const stored = storedInTime(someJobs());
  await archive(model, stored, [1], 1);
  const before = await rowsOf();
  expect(await thinSnapshots(model.db, clock.now() + 23 * 3_600_000)).toBe(false);
  expect(await rowsOf()).toEqual(before);
});

/** A block takes a thousand of the results. */
const JOBS = isLong ? 8_300 : 2_300;
const BLOCKS_BY_COUNT = 4;

test('snapshots of thousands of jobs with results of 64 KiB close their blocks by bytes and keep no result; a list has them from the streams', async () => {
  const result = 'x'.repeat(64 * 1024);
  const life = (n: number): readonly RecordedEvent[] =>
    [scheduled(), dispatched(), started(), { ...succeeded, data: { attempt: 1, result } }].map(
      (event, revision) =>
        recorded(
          testJobId(n),
          BigInt(revision),
          BigInt(revision * JOBS + n + 1),
          event as JobEvent,
        ),
    );
  const consumer = jobSnapshots({
    ...{ store: snapshotStore(model.db), clock, blockEvents: JOBS },
    eventAt: eventAtOf(() => []),
  });
  await consumer.position();
  const PART = 100;
  // all results in what is one block by count
  for (let revision = 0; revision < 4; revision++)
    for (let n = 0; n < JOBS; n += PART) {
      const events = Array.from({ length: PART }, (_, i) => life(n + i)[revision] ?? []).flat();
      await consumer.take(events.map((event) => storedBytes(event, EPOCH)));
    }
  const { rows } = await model.db.raw<{ rows: readonly Record<string, number>[] }>(
    `select max(octet_length(state)) as largest, count(distinct block_end)::integer as blocks,
            (select max(bytes)::integer from snapshot_blocks) as bytes
     from job_snapshots`,
  );
  expect(rows[0]?.['largest']).toBeLessThan(2_000);
  expect(rows[0]?.['blocks']).toBeGreaterThan(isLong ? 10 : BLOCKS_BY_COUNT);
  expect(rows[0]?.['bytes']).toBeLessThan(70 * 1024 * 1024);
  const asOf: AsOf = { kind: 'position', position: BigInt(4 * JOBS) };
  const { past } = pastOf(model, life(0), [], { maxJobs: 10_000 });
  const { items } = await past.list({ asOf, filter: {}, signal: never });
  const listed = items.find((job) => job.jobId === testJobId(0));
  expect(listed?.status).toBe('succeeded');
  expect(listed?.result === result).toBe(true);
});

test('snapshots go on from one block only once: the second of two writers is refused and leaves nothing behind', async () => {
  const stored = storedInTime(someJobs());
  const store = snapshotStore(model.db);
  const [one, other] = [0, 1].map(() =>
    jobSnapshots({ ...{ store, clock, blockEvents: 10 }, eventAt: eventAtOf(() => stored) }),
  );
  await one?.position();
  await other?.position();
  await one?.take(stored.slice(0, 9));
  await other?.take(stored.slice(0, 8));
  await one?.take(stored.slice(9, 10));
  const before = await rowsOf();
  await expect(other?.take(stored.slice(8, 20))).rejects.toThrow(BlockTaken);
  expect(await rowsOf()).toEqual(before);
});

test('snapshots go on from the block of another writer, and what was held for one of their own is let go', async () => {
  const stored = storedInTime(someJobs());
  const store = snapshotStore(model.db);
  const [one, other] = [0, 1].map(() =>
    jobSnapshots({ ...{ store, clock, blockEvents: 10 }, eventAt: eventAtOf(() => stored) }),
  );
  await other?.take(stored.slice(0, 8));
  await one?.take(stored.slice(0, 10));
  expect(await other?.position()).toMatchObject({ position: stored[9]?.position });
  await other?.take(stored.slice(10, 20));
  expect((await store.head())?.end.position).toBe(stored[19]?.position);
});

test('snapshots are written at the same instant by one of two writers', async () => {
  const stored = storedInTime(someJobs());
  const store = snapshotStore(model.db);
  const writers = Array.from({ length: 4 }, () =>
    jobSnapshots({ ...{ store, clock, blockEvents: 5 }, eventAt: eventAtOf(() => stored) }),
  );
  const outcomes = await Promise.allSettled(writers.map(({ take }) => take(stored.slice(0, 6))));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await model.db('snapshot_blocks').select()).toHaveLength(1);
});

test('snapshots of a quiet log are written once the first event is old enough, however many rounds that takes', async () => {
  let now = EPOCH;
  const store = snapshotStore(model.db);
  const stored = storedInTime(someJobs());
  const consumer = jobSnapshots({
    ...{ store, clock: { now: () => now }, blockAgeMs: 60_000 },
    eventAt: eventAtOf(() => stored),
  });
  await consumer.take(stored.slice(0, 3));
  expect(await store.head()).toBeUndefined();
  expect(await consumer.position()).toMatchObject({ position: stored[2]?.position }); // what it holds need not be read again
  now += 60_000;
  await consumer.take(stored.slice(3, 4));
  expect((await store.head())?.end).toEqual({
    position: stored[3]?.position,
    eventId: stored[3]?.id,
  });
  expect(await model.db('snapshot_blocks').select()).toMatchObject([{ events: 4 }]);
});

test('snapshots leave a stream that breaks as it was before, and go on with all others', async () => {
  const nonsense = { type: 'JobNonsense', data: {} };
  const events = [
    recorded(testJobId(1), 0n, 10n, scheduled()),
    recorded(testJobId(1), 1n, 20n, nonsense),
    recorded(testJobId(1), 2n, 30n, dispatched()),
    recorded(testJobId(2), 0n, 40n, scheduled({ ownerId: 'no\0owner' })),
    recorded(testJobId(3), 0n, 50n, scheduled()),
    recorded(testJobId(3), 1n, 60n, succeeded),
  ];
  await archive(
    model,
    events.map((event) => storedBytes(event, EPOCH + 1)),
    [1],
    1,
  );
  const found = await snapshotStore(model.db).newestOf([1, 2, 3].map(testJobId));
  expect([...found].map(([jobId, { job }]) => [jobId, job.status, job.revision])).toEqual([
    [testJobId(1), 'scheduled', 0n],
    [testJobId(3), 'scheduled', 0n],
  ]);
});

test('snapshots stop before an event that a newer build has written: nothing is skipped for ever', async () => {
  const event = recorded(testJobId(1), 0n, 10n, scheduled());
  const newer = { ...event, metadata: { ...(event.metadata as object), schemaVersion: 99 } };
  await expect(archive(model, [storedBytes(newer, EPOCH)], [1], 1)).rejects.toThrow(
    'upgrade this build',
  );
  expect(await snapshotStore(model.db).head()).toBeUndefined();
});

test('snapshots of a log that was restored from an older copy are made anew: nobody knows which of them are still true', async () => {
  const stored = storedInTime(someJobs());
  await archive(model, stored, [6], 6);
  expect((await rowsOf()).length).toBeGreaterThan(0);
  const restored = stored.map((event, n) => (n < 9 ? event : { ...event, id: `other ${n}` }));
  const consumer = jobSnapshots({
    ...{ store: snapshotStore(model.db), clock, blockEvents: 6 },
    eventAt: eventAtOf(() => restored),
  });
  expect(await consumer.position()).toBe('start');
  expect(await rowsOf()).toEqual([]);
  await consumer.take(restored.slice(0, 6));
  expect(await consumer.position()).toMatchObject({ eventId: restored[5]?.id });
});

test('what a block holds in memory of a log that was restored meanwhile is let go', async () => {
  const stored = storedInTime(someJobs());
  let log = stored;
  const consumer = jobSnapshots({
    ...{ store: snapshotStore(model.db), clock },
    eventAt: eventAtOf(() => log),
  });
  await consumer.take(stored.slice(0, 8));
  expect(await consumer.position()).toMatchObject({ position: stored[7]?.position });
  log = stored.slice(0, 3);
  expect(await consumer.position()).toBe('start');
});
