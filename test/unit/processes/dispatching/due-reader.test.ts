import { randomUUID } from 'node:crypto';
import { bothClocks } from '../../../../processes/dispatching/both-clocks';
import { dueBuffer, type DueBuffer } from '../../../../processes/dispatching/due-buffer';
import { dueHintOf } from '../../../../processes/dispatching/due-hint';
import { dueReader, type DueReader } from '../../../../processes/dispatching/due-reader';
import { systemTimers } from '../../../../processes/runtime/timers';
import { noHolds } from '../../../../processes/dispatching/shares/holds';
import type {
  DueJobs,
  DueQuery,
  DueRow,
  LaneSpan,
  OthersQuery,
  ShardRange,
} from '../../../../projections/queries/dispatching/due-jobs';
import { dueRow } from '../../../support/due-rows';
import { silentLogger } from '../../../support/processes';
import { until } from '../../../support/until';
import { unwatched } from '../../../../processes/health/vitals';

/** A table in memory that answers as Postgres does, and writes down what it was asked. */
const fakeTable = () => {
  const rows: DueRow[] = [];
  const queries: DueQuery[] = [];
  const glances: DueQuery[] = [];
  const passed: OthersQuery[] = [];
  const faults: Error[] = [];
  const inOrder = (): readonly DueRow[] =>
    rows.toSorted((a, b) => a.dueAt - b.dueAt || (a.jobId < b.jobId ? -1 : 1));
  const isIn =
    ({ lane, after, dueUpTo, jobUpTo }: LaneSpan, shards: readonly ShardRange[]) =>
    (row: DueRow): boolean =>
      row.lane === lane &&
      (row.dueAt < dueUpTo ||
        (row.dueAt === dueUpTo && (jobUpTo === undefined || row.jobId <= jobUpTo))) &&
      (!after ||
        row.dueAt > after.dueAt ||
        (row.dueAt === after.dueAt && row.jobId > after.jobId)) &&
      shards.some(({ from, to }) => row.shard >= from && row.shard <= to);
  const find = ({
    spans,
    shards,
    positionFrom = -1n,
    limit,
  }: DueQuery): Promise<readonly DueRow[]> => {
    const fault = faults.shift();
    if (fault) return Promise.reject(fault);
    return Promise.resolve(
      spans.flatMap((span) =>
        inOrder()
          .filter(isIn(span, shards))
          .filter(({ position }) => position >= positionFrom)
          .slice(0, limit),
      ),
    );
  };
  const dueJobs: DueJobs = {
    databaseNow: () => Promise.resolve(Date.now()),
    find: (query) => {
      queries.push(query);
      return find(query);
    },
    glance: (query) => {
      glances.push(query);
      return find(query);
    },
    findThese: (wanted) =>
      Promise.resolve(rows.filter(({ jobId }) => wanted.some((one) => one.jobId === jobId))),
    findOthers: (query) => {
      passed.push(query);
      const looked = inOrder().filter(isIn(query, query.shards)).slice(0, query.scanLimit);
      const last = looked.length === query.scanLimit ? looked.at(-1) : undefined;
      const isPassed = (row: DueRow): boolean =>
        query.passing.some(({ queue, ownerId }) => row.queue === queue && row.ownerId === ownerId);
      return Promise.resolve({
        rows: looked.filter((row) => !isPassed(row)),
        ...(last && { lookedUpTo: { dueAt: last.dueAt, jobId: last.jobId } }),
      });
    },
  };
  return { rows, queries, glances, passed, faults, dueJobs };
};

let table: ReturnType<typeof fakeTable>;
let buffer: DueBuffer;
let reader: DueReader;
let stop: () => Promise<void>;

const start = (settings: { everyMs: number; sweepEveryMs: number; maxRows?: number }): void => {
  const { maxRows = 1_000, ...intervals } = settings;
  table = fakeTable();
  buffer = dueBuffer({ maxRows, maxChars: 1_000_000 }, noHolds);
  reader = dueReader({
    ...intervals,
    dueJobs: table.dueJobs,
    buffer,
    clocks: bothClocks({ now: () => Date.now() }, systemTimers),
    timers: systemTimers,
    draw: () => 0,
    logger: silentLogger,
    onRows: () => undefined,
    vitals: unwatched,
    aheadMs: 1_000,
    pageSize: 64,
  });
  const controller = new AbortController();
  const ended = reader.run(controller.signal);
  stop = async () => {
    controller.abort();
    await ended;
  };
};
const everyShard = new Set(Array.from({ length: 256 }, (_, shard) => shard));
const HOUR_MS = 3_600_000;
const rarely = { everyMs: HOUR_MS, sweepEveryMs: HOUR_MS };
const often = { everyMs: 5, sweepEveryMs: 20 };

afterEach(async () => {
  await stop();
});

test('the rows of the next second come by pages, whatever their number, and later ones do not', async () => {
  start(rarely);
  const now = Date.now();
  table.rows.push(...Array.from({ length: 95 }, (_, n) => dueRow(n, { dueAt: now - 500 })));
  table.rows.push(dueRow(200, { dueAt: now + HOUR_MS }));
  reader.setShards(everyShard);
  await until(() => buffer.waiting() === 95);
  expect(buffer.waiting()).toBe(95);
});

test('shards that come while others are read are read at once, not only with the next look', async () => {
  start(rarely);
  table.rows.push(dueRow(1, { dueAt: 0 }), dueRow(7, { dueAt: 0 }));
  const { find } = table.dueJobs;
  let hasMore = true;
  Object.assign(table.dueJobs, {
    find: async (query: DueQuery) => {
      const found = await find(query);
      if (hasMore) reader.setShards(everyShard);
      hasMore = false;
      return found;
    },
  });
  reader.setShards(new Set([7]));
  await until(() => buffer.waiting() === 2, { timeoutMs: 20_000 });
});

test('only shards that are held are read', async () => {
  start(rarely);
  table.rows.push(dueRow(1, { dueAt: 0 }), dueRow(7, { dueAt: 0 }));
  reader.setShards(new Set([7]));
  await until(() => buffer.waiting() === 1);
  expect(buffer.take(Date.now())?.shard).toBe(7);
});

test('a hint brings a row that came behind the cursor, without waiting for a poll', async () => {
  start(rarely);
  reader.setShards(everyShard);
  await until(() => table.glances.length >= 1);
  const dueAt = Date.now();
  table.rows.push(dueRow(1, { dueAt, position: 500n }));
  reader.hint({ position: 500n, dueAt });
  await until(() => buffer.waiting() === 1);
  const asked = table.queries.find(({ positionFrom }) => positionFrom !== undefined);
  expect(asked).toMatchObject({ positionFrom: 500n });
  expect(asked?.spans[0]?.after?.dueAt).toBe(dueAt - 1);
});

test('a hint for a time that is not read yet asks nothing: the prefetch will come by', async () => {
  start(rarely);
  reader.setShards(everyShard);
  await until(() => table.glances.length >= 1);
  const asked = table.queries.length;
  reader.hint({ position: 1n, dueAt: Date.now() + HOUR_MS });
  const dueAt = Date.now();
  table.rows.push(dueRow(1, { dueAt, position: 9n }));
  await until(() => table.queries.length === asked);
  reader.hint({ position: 9n, dueAt });
  await until(() => buffer.waiting() === 1);
  expect(table.queries.length).toBe(asked + 1);
});

test('a row of which no hint told is found by the sweep', async () => {
  start({ everyMs: HOUR_MS, sweepEveryMs: 20 });
  reader.setShards(everyShard);
  await until(() => table.glances.length >= 1);
  table.rows.push(dueRow(1, { dueAt: Date.now() - 60_000 }));
  reader.sweep();
  await until(() => buffer.waiting() === 1);
});

test('rows behind a whole page of dispatched ones that the projection still shows are reached', async () => {
  start(often);
  const dueAt = Date.now();
  table.rows.push(...Array.from({ length: 40 }, (_, n) => dueRow(n, { dueAt })));
  reader.setShards(everyShard);
  await until(() => buffer.waiting() === 40);
  for (let job = buffer.take(dueAt); job; job = buffer.take(dueAt)) buffer.settle(job);
  table.rows.push(dueRow(255, { dueAt }));
  await until(() => buffer.waiting() === 1);
  expect(buffer.remembered()).toBe(41);
  table.rows.splice(0);
  await until(() => buffer.remembered() === 1, {
    what: 'what is gone from the table is forgotten',
  });
});

test('a full buffer stops the reading, and it goes on where it stopped', async () => {
  start({ ...often, maxRows: 20 });
  const dueAt = Date.now() - 1_000;
  table.rows.push(...Array.from({ length: 100 }, (_, n) => dueRow(n, { dueAt })));
  reader.setShards(everyShard);
  const seen = new Set<string>();
  await until(() => {
    expect(buffer.waiting()).toBeLessThanOrEqual(30);
    for (let job = buffer.take(dueAt); job; job = buffer.take(dueAt)) {
      seen.add(job.jobId);
      buffer.settle(job);
    }
    return seen.size === 100;
  });
});

test('an owner with very much due fills his share of the memory only, and the row behind all of his is read', async () => {
  start({ ...often, maxRows: 20 });
  const dueAt = Date.now() - 1_000;
  table.rows.push(...Array.from({ length: 300 }, (_, n) => dueRow(n, { dueAt })));
  table.rows.push(dueRow(400, { dueAt, ownerId: 'bob' }));
  reader.setShards(everyShard);
  const seen: string[] = [];
  const take = (): void => {
    const job = buffer.take(dueAt);
    if (job) {
      seen.push(job.jobId);
      buffer.settle(job);
    }
  };
  await until(() => buffer.waiting() === 17); // four parts of five, and the other's
  take();
  take();
  expect(seen).toContain(dueRow(400).jobId);
  await until(() => {
    for (let had = -1; seen.length > had; take()) had = seen.length;
    return seen.length === 301;
  });
  expect(new Set(seen).size).toBe(301);
});

test('what was passed over once is not passed over again', async () => {
  start({ ...often, maxRows: 20 });
  const dueAt = Date.now() - 1_000;
  table.rows.push(...Array.from({ length: 300 }, (_, n) => dueRow(n, { dueAt })));
  reader.setShards(everyShard);
  const prefetched = () => table.passed.filter(({ jobUpTo }) => jobUpTo === undefined);
  await until(() => prefetched().length >= 5);
  const starts = prefetched().map(({ after }) => after?.dueAt ?? 0);
  expect(starts.slice(1).every((from) => from > dueAt)).toBe(true);
});

test.each`
  how             | sweepEveryMs
  ${'by hints'}   | ${HOUR_MS}
  ${'by a sweep'} | ${20}
`(
  'more rows than there is room for, found behind the cursors $how, all come when there is room',
  async ({ how, sweepEveryMs }: { how: string; sweepEveryMs: number }) => {
    start({ everyMs: 5, sweepEveryMs, maxRows: 20 });
    reader.setShards(everyShard);
    await until(() => table.glances.length >= 1);
    const dueAt = Date.now() - 60_000; // long behind what was read
    table.rows.push(
      ...Array.from({ length: 200 }, (_, n) =>
        dueRow(n, { dueAt: dueAt + n, position: BigInt(n), ownerId: `owner-${n % 3}` }),
      ),
    );
    if (how === 'by hints') reader.hint({ position: 0n, dueAt });
    else reader.sweep();
    await until(() => buffer.waiting() > 0);
    table.glances.splice(0);
    const seen = new Set<string>();
    await until(() => {
      for (let job = buffer.take(Date.now()); job; job = buffer.take(Date.now())) {
        seen.add(job.jobId);
        buffer.settle(job);
      }
      return seen.size === 200;
    });
    if (how === 'by hints') expect(table.glances).toEqual([]); // no sweep was needed
  },
);

test('the sweep looks at nothing that was not read yet, however much of it is due', async () => {
  start({ ...often, maxRows: 20 });
  const dueAt = Date.now() - 1_000;
  table.rows.push(...Array.from({ length: 300 }, (_, n) => dueRow(n, { dueAt })));
  reader.setShards(everyShard);
  await until(() => table.glances.length >= 3);
  const ids = table.rows.map(({ jobId }) => jobId).toSorted();
  for (const { jobUpTo = '' } of table.glances.flatMap(({ spans }) => spans))
    expect(ids.indexOf(jobUpTo)).toBeLessThan(20);
});

test('the row of another owner of which no hint told is found by the sweep, among those not read yet', async () => {
  start({ ...often, maxRows: 20 });
  const dueAt = Date.now() - 1_000;
  table.rows.push(...Array.from({ length: 300 }, (_, n) => dueRow(n, { dueAt })));
  reader.setShards(everyShard);
  await until(() => buffer.waiting() === 16);
  table.rows.push(dueRow(299, { dueAt: dueAt + 1, ownerId: 'bob', jobId: randomUUID() }));
  await until(() => buffer.waiting() === 17);
});

test('a database that is away is asked again, and nothing is missed', async () => {
  start(rarely);
  table.faults.push(new Error('away'), new Error('still away'));
  table.rows.push(dueRow(1, { dueAt: 0 }));
  reader.setShards(everyShard);
  await until(() => buffer.waiting() === 1);
});

test.each`
  payload                                               | hint                          | why
  ${'{"position":"9","duePosition":"7","dueAt":5}'}     | ${{ position: 7n, dueAt: 5 }} | ${'rows were written'}
  ${'{"position":"9","duePosition":null,"dueAt":null}'} | ${undefined}                  | ${'nothing to dispatch'}
  ${'null'}                                             | ${undefined}                  | ${'not ours'}
  ${'{"duePosition":"9999999999999999999","dueAt":5}'}  | ${undefined}                  | ${'a position that Postgres has no number for'}
  ${'{"duePosition":"7","dueAt":1e300}'}                | ${undefined}                  | ${'a time that is none'}
  ${'hello'}                                            | ${undefined}                  | ${'whoever may connect may notify'}
`('a notice is read: $why', async ({ payload, hint }: { payload: string; hint: unknown }) => {
  start(rarely);
  expect(dueHintOf(payload)).toEqual(hint);
  await Promise.resolve();
});
