import { executorBeats } from '../../../../../infra/postgres/executor-beats';
import { shardLeases } from '../../../../../infra/postgres/shard-leases';
import { systemState } from '../../../../../projections/queries/operating/system-state';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';

let model: TestReadModel;
beforeAll(async () => {
  model = await createReadModel();
});
afterAll(() => model.dispose());

/** As long as leases are here: no slow machine sees one run out. */
const LEASE_MS = 60_000;
const look = (limit = 10) => systemState(model.db, LEASE_MS)(limit);

test('slots are told by who holds them; a lease that has run out holds nothing, nor does one of before the clock was set back', async () => {
  expect((await look()).slots).toEqual({ all: 256, unheld: 256 });
  const leases = shardLeases(model.db);
  const wanted = (shard: number) => ({ shard, holder: null });
  await leases.hold([wanted(1), wanted(2)], 'one', LEASE_MS);
  await leases.hold([wanted(3)], 'other', LEASE_MS);
  await leases.hold([wanted(4)], 'gone', LEASE_MS);
  await model.db.raw(`update slot_leases set expires_at = now() - interval '1 s' where slot = 4`);
  await leases.hold([wanted(5)], 'of-a-time-to-come', LEASE_MS);
  await model.db.raw(`update slot_leases set expires_at = now() + interval '1 h' where slot = 5`);
  const { dispatchers, slots } = await look();
  expect(slots).toEqual({ all: 256, unheld: 253 });
  expect(dispatchers).toEqual([
    { dispatcherId: 'one', slots: 2 },
    { dispatcherId: 'other', slots: 1 },
  ]);
});

test('executors are told with their last beat and why they take nothing; all are counted, few are told', async () => {
  await executorBeats(model.db).record([
    { executorId: 'a', queue: 'mail', running: 3 },
    { executorId: 'b', queue: 'media', running: 0, cannotTake: 'the broker refuses' },
  ]);
  await model.db.raw(
    `update executors set last_beat_at = now() - interval '1 minute' where executor_id = 'b'`,
  );
  const { executors } = await look();
  expect(executors).toMatchObject({
    count: 2,
    items: [
      { executorId: 'a', queue: 'mail', running: 3 },
      { executorId: 'b', queue: 'media', cannotTake: 'the broker refuses' },
    ],
  });
  expect(executors.items[0]).not.toHaveProperty('cannotTake');
  expect(executors.items[1]?.unseenMs).toBeGreaterThanOrEqual(60_000);
  expect((await look(1)).executors).toMatchObject({ count: 2, items: [{ executorId: 'a' }] });
});

test('processes are told with what they wait for, parked streams with what went wrong', async () => {
  const waitsFor = [{ server: 'broker', reason: 'it is full' }];
  await model.db.raw(
    `insert into process_vitals (instance, process, seen_at, still_ms, hindrances, skews_ms)
     values ('i', 'dispatcher', now() - interval '5 s', 1200, ?::jsonb, '{}')`,
    [JSON.stringify(waitsFor)],
  );
  await model.db.raw(
    `insert into parked_streams values ('jobs', 'job-1', 3, 4711, 'no such version', now())`,
  );
  const { processes, parkedStreams } = await look();
  expect(processes).toMatchObject([
    { instance: 'i', process: 'dispatcher', stillMs: 1200, waitsFor },
  ]);
  expect(processes[0]?.unseenMs).toBeGreaterThanOrEqual(5_000);
  expect(parkedStreams).toMatchObject({
    count: 1,
    items: [{ stream: 'job-1', revision: 3, position: '4711', error: 'no such version' }],
  });
});
