import fc from 'fast-check';
import type { RecordedEvent } from '../../../../domain/event-log';
import { histories, recorded, testJobId } from '../../../support/job-histories';
import { dispatched, EPOCH, scheduled } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { asks, recordedSchedule } from '../../../support/schedule-histories';
import { schedulesProjection } from '../../../../projections/schedules/schedules-projection';
import { isLong } from '../../../support/rounds';
import { dumpOf, projectLive, replayOf, scanOf, shadow } from '../../../support/replaying';

let model: TestReadModel;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});
beforeEach(() => model.clear());

const schemas = async (): Promise<readonly string[]> => {
  const { rows } = await model.db.raw<{ rows: readonly { name: string }[] }>(
    `select nspname as name from pg_namespace where nspname like '${shadow}%'`,
  );
  return rows.map(({ name }) => name);
};

const three: readonly RecordedEvent[] = [
  recorded(testJobId(1), 0n, 0n, scheduled()),
  recorded(testJobId(2), 0n, 10n, scheduled({ name: 'another' }, EPOCH + 40 * 86_400_000)),
  recorded(testJobId(1), 1n, 20n, dispatched()),
];

test('after any history, the rebuilt tables equal the live ones, row by row, and are exchanged', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async (events) => {
      await model.clear();
      await projectLive(model, events);
      const before = await dumpOf(model);
      const result = await replayOf(model, () => events);
      expect(result.differences.filter(({ rows }) => rows.length > 0)).toEqual([]);
      expect(result).toMatchObject({ isSwapped: true, parked: [], events: events.length });
      expect(await dumpOf(model)).toEqual(before);
    }),
    { numRuns: isLong ? 10 : 5 },
  );
  expect(await schemas()).toEqual([]);
});

test('schedules of any history are rebuilt as they are live, every table of them, beside jobs', async () => {
  const tables = Object.keys(schedulesProjection.tables);
  const filled = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(asks, { minLength: 1, maxLength: 3 }), async (all) => {
      await model.clear();
      const events = [...three, ...all.flatMap((given) => recordedSchedule(given).events)].map(
        (event, n) => ({ ...event, position: BigInt(n) }),
      );
      await projectLive(model, events);
      const before = await dumpOf(model);
      for (const table of tables) if (before[table]?.length) filled.add(table);
      const result = await replayOf(model, () => events);
      expect(result.differences.map(({ table }) => table)).toEqual(expect.arrayContaining(tables));
      expect(result.differences.filter(({ rows }) => rows.length > 0)).toEqual([]);
      expect(result).toMatchObject({ isSwapped: true, parked: [], events: events.length });
      expect(await dumpOf(model)).toEqual(before);
    }),
    { numRuns: 8 },
  );
  expect([...filled].sort()).toEqual([...tables].sort());
});

test('what is wrong in a table of schedules is found by a replay, and put right', async () => {
  const { id, events } = recordedSchedule([]);
  const log = events.map((event, n) => ({ ...event, position: BigInt(n) }));
  await projectLive(model, log);
  const right = await dumpOf(model);
  await model.db.raw(`update schedules set offset_ms = 7`);
  await model.db.raw(`insert into schedule_skips values (?, 3, now(), now(), 1, 'missed')`, [id]);
  const { differences } = await replayOf(model, () => log);
  const found = differences.flatMap(({ table, rows }) => rows.map(({ kind }) => [table, kind]));
  expect(found).toEqual([
    ['schedules', 'changed'],
    ['schedule_skips', 'only-live'],
  ]);
  expect(await dumpOf(model)).toEqual(right);
});

test('the mark of a used key is passed over, live and rebuilt', async () => {
  const mark = {
    ...recorded(testJobId(9), 0n, 15n, scheduled()),
    type: 'IdempotencyKeyUsed',
    data: {},
  };
  const [first, ...rest] = three;
  if (!first) throw new Error('the log has events');
  const events = [first, mark, ...rest];
  await projectLive(model, events);
  const { parked, differences } = await replayOf(model, () => events);
  expect(parked).toEqual([]);
  expect(differences.flatMap(({ rows }) => rows)).toEqual([]);
  expect((await dumpOf(model))['jobs']).toHaveLength(2);
});

const good = (n: number, position: bigint): RecordedEvent =>
  recorded(testJobId(n), 0n, position, scheduled());

test.each<readonly [string, RecordedEvent]>([
  ['that Postgres refuses', recorded(testJobId(1), 0n, 30n, scheduled({ name: '\0' }))],
  ['whose event before is missing', recorded(testJobId(1), 1n, 30n, dispatched())],
  ['without metadata', { ...good(1, 30n), metadata: 'none' }],
])(
  'a stream with an event %s is parked in the rebuilt tables too, and told, and no other is touched, whichever transaction it falls into',
  async (_what, bad) => {
    const before = [good(2, 10n), good(3, 20n)];
    const after = [good(4, 40n), recorded(testJobId(2), 1n, 50n, dispatched()), good(5, 60n)];
    const events = [...before, bad, ...after, recorded(testJobId(1), 2n, 70n, dispatched())];
    await projectLive(model, events);
    for (const bulkEvents of [1, 2, 3, 100]) {
      const { parked, differences } = await replayOf(model, () => events, {}, { bulkEvents });
      expect(parked).toMatchObject([{ stream: bad.stream, position: 30n }]);
      const shown = differences
        .filter(({ liveRows }) => liveRows !== 0)
        .map(({ table, liveRows, rebuiltRows, rows }) => [table, liveRows, rebuiltRows, rows]);
      expect(shown).toEqual([
        ['jobs', 4, 4, []],
        ['due_jobs', 3, 3, []],
        ['status_feed', 5, 5, []],
        ['parked_streams', 1, 1, []],
      ]);
    }
  },
);

test('a log with many unreadable streams is read once from its start: none of them begins the scan anew', async () => {
  const events = Array.from({ length: 600 }, (_, n) => {
    const event = good(n, BigInt(n * 10));
    return n % 3 === 1 ? { ...event, type: 'JobPaused' } : event;
  });
  await projectLive(model, events);
  const scan = scanOf(() => events);
  const begun: unknown[] = [];
  const counted: typeof scan = (range, signal) => {
    begun.push(range);
    return scan(range, signal);
  };
  const { parked, differences } = await replayOf(model, () => events, {}, { scan: counted });
  expect(parked).toHaveLength(200);
  expect(differences.flatMap(({ rows }) => rows)).toEqual([]);
  expect(begun.length).toBeLessThan(10);
});

test('an event of a newer build stops the replay, says where it is, and parks nobody', async () => {
  const [first, ...rest] = three;
  if (!first) throw new Error('there is one');
  await projectLive(model, three);
  const newer = { ...first, metadata: { ...(first.metadata as object), schemaVersion: 2 } };
  await expect(replayOf(model, () => [newer, ...rest])).rejects.toThrow(
    `JobScheduled in ${first.stream}, revision 0, position 0 was written by a newer build`,
  );
  expect((await dumpOf(model))['jobs']).toHaveLength(2);
  await replayOf(model, () => three, { isFresh: true });
});

test('a bulk that was interrupted goes on where it stopped: no event is read twice', async () => {
  await projectLive(model, three);
  const before = await dumpOf(model);
  let read: bigint[] = [];
  const scan = scanOf(() => three);
  const cut = (after: number) =>
    async function* (...args: Parameters<typeof scan>) {
      for await (const batch of scan(...args)) {
        if (read.length === after) throw new Error('the log is cut');
        read.push(...batch.map(({ position }) => position));
        yield batch;
      }
    };
  const small = { bulkEvents: 1 };
  await expect(replayOf(model, () => three, {}, { scan: cut(2), ...small })).rejects.toThrow(
    'the log is cut',
  );
  expect(await schemas()).toEqual([shadow]);
  read = [];
  await replayOf(model, () => three, {}, { scan: cut(99), ...small });
  expect(read).toEqual([20n]);
  expect(await dumpOf(model)).toEqual(before);
});

test('a shadow of another build is refused, and --fresh begins anew', async () => {
  await projectLive(model, three);
  const cut = () => {
    throw new Error('the log is cut');
  };
  await expect(replayOf(model, () => three, {}, { scan: cut })).rejects.toThrow('cut');
  await model.db.raw(`update ${shadow}.replay_state set build = 'older'`);
  await expect(replayOf(model, () => three)).rejects.toThrow(/another build: --fresh/);
  expect(await replayOf(model, () => three, { isFresh: true })).toMatchObject({ isSwapped: true });
});

test('a schema that no replay has made is left alone', async () => {
  await model.db.raw('create schema precious');
  await expect(replayOf(model, () => three, {}, { shadow: 'precious' })).rejects.toThrow(
    'schema precious was not made by a replay',
  );
  await expect(replayOf(model, () => three, {}, { shadow: 'public' })).rejects.toThrow(
    'public is the live schema',
  );
});

test('with --to the rebuilt tables stay in their schema, and the live ones as they were', async () => {
  await projectLive(model, three);
  await model.db.raw(`update jobs set name = 'changed'`);
  const to = { swaps: false, keepsShadow: true };
  const result = await replayOf(model, () => three, to, { shadow: 'beside' });
  expect(result).toMatchObject({ isSwapped: false, position: 20n, comparedAt: 20n });
  expect((await dumpOf(model, 'beside'))['jobs']).toHaveLength(2);
  expect((await dumpOf(model))['jobs']?.every((row) => row.includes('changed'))).toBe(true);
  const more = [...three, recorded(testJobId(3), 0n, 30n, scheduled())];
  await projectLive(model, more);
  const again = await replayOf(model, () => more, to, { shadow: 'beside' });
  expect(again).toMatchObject({ events: 1, position: 30n });
  expect((await dumpOf(model, 'beside'))['due_jobs']).toHaveLength(2);
});

test('a dry run drops what it has built', async () => {
  await projectLive(model, three);
  const result = await replayOf(model, () => three, { swaps: false });
  expect(result.isSwapped).toBe(false);
  expect(await schemas()).toEqual([]);
});

test('what was aborted leaves the live tables, and its shadow to go on with', async () => {
  await projectLive(model, three);
  const before = await dumpOf(model);
  const controller = new AbortController();
  const onProgress = (): void => {
    controller.abort();
  };
  await expect(
    replayOf(model, () => three, {}, { signal: controller.signal, onProgress }),
  ).rejects.toThrow();
  expect(await dumpOf(model)).toEqual(before);
  expect(await replayOf(model, () => three)).toMatchObject({ isSwapped: true });
  expect(await dumpOf(model)).toEqual(before);
});
