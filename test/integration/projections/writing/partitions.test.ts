import {
  monthlyPartitions,
  monthsAhead,
  partitionsAhead,
} from '../../../../projections/writing/partitions';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { dueStatement } from '../../../../projections/queries/dispatching/due-jobs';
import { readModel } from '../../../../projections/projections';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { allLanes, allShards } from '../../../support/due-rows';
import { recorded, testJobId } from '../../../support/job-histories';
import { dispatched, scheduled } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

const tables = ['due_jobs'];

let model: TestReadModel;
let session: WriteSession;

beforeAll(async () => {
  model = await createReadModel();
  session = await model.openSession();
});
afterAll(async () => {
  await session.close();
  await model.dispose();
});

const partitions = async (): Promise<readonly string[]> => {
  const { rows } = await model.db.raw<{ rows: readonly { name: string }[] }>(
    `select inhrelid::regclass::text as name from pg_inherits
     where inhparent = 'due_jobs'::regclass order by 1`,
  );
  return rows.map(({ name }) => name);
};

/** As it is planned for a prepared statement: once, for any values. */
const plan = async (text: string): Promise<string> => {
  const { rows } = await session
    .send([{ text: `explain (generic_plan) ${text}` }])
    .then(([result]) => result ?? { rows: [] });
  return rows.map((row) => String(row['QUERY PLAN'])).join('\n');
};

const tablesIn = (explained: string): readonly string[] => [
  ...new Set(explained.match(/due_jobs_\d{4}_\d\d(?=[ \n])/g)),
];

test('a due time of any month finds its partition, made on demand', async () => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const dueAts = [
    Date.UTC(2024, 1, 29),
    Date.UTC(2024, 2, 1),
    Date.UTC(2031, 11, 31, 23, 59, 59, 999),
  ];
  const events = dueAts.map((dueAt, n) =>
    recorded(testJobId(n), 0n, BigInt(n), scheduled({}, dueAt), dueAt),
  );
  await writer.apply(events, 2n);
  expect(writer.parkedCount()).toBe(0);
  expect(await model.db('due_jobs').pluck('due_at').orderBy('due_at')).toEqual(
    dueAts.map((at) => new Date(at)),
  );
  expect(await partitions()).toEqual(
    expect.arrayContaining(['due_jobs_2024_02', 'due_jobs_2024_03', 'due_jobs_2031_12']),
  );
});

test('upkeep makes thirteen months ahead, and drops past months only when they are empty', async () => {
  const now = Date.UTC(2030, 0, 15);
  const upkeep = monthlyPartitions(session, tables);
  await upkeep.maintain(now);
  expect(monthsAhead(now)).toHaveLength(14);
  expect(await partitions()).toEqual(expect.arrayContaining(partitionsAhead(tables, now)));
  expect(await partitions()).toContain('due_jobs_2024_02'); // it holds a row
  await model.db.raw(`delete from due_jobs where due_at < '2024-03-01'`);
  await upkeep.maintain(now);
  expect(await partitions()).not.toContain('due_jobs_2024_02');
  expect(await partitions()).toContain('due_jobs_2024_03');
  await upkeep.ensure(['due_jobs_2024_02']); // what was dropped is made again
  expect(await partitions()).toContain('due_jobs_2024_02');
});

test('several runners at once make each partition once', async () => {
  const sessions = await Promise.all([1, 2, 3, 4].map(() => model.openSession()));
  await Promise.all(
    sessions.map((each) =>
      monthlyPartitions(each, tables).ensure(['due_jobs_2040_01', 'due_jobs_2040_02']),
    ),
  );
  await Promise.all(sessions.map((each) => each.close()));
  expect(await partitions()).toEqual(
    expect.arrayContaining(['due_jobs_2040_01', 'due_jobs_2040_02']),
  );
});

test('a partition that another program has dropped meanwhile is made again, and nobody is parked for it', async () => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const dueAt = Date.UTC(2041, 5, 1);
  await writer.apply([recorded(testJobId(100), 0n, 100n, scheduled({}, dueAt), dueAt)], 100n);
  await model.db.raw('drop table due_jobs_2041_06');
  await writer.apply([recorded(testJobId(101), 0n, 101n, scheduled({}, dueAt), dueAt)], 101n);
  expect(writer.parkedCount()).toBe(0);
  expect(await model.db('due_jobs').where('job_id', testJobId(101))).toHaveLength(1);
});

test('removing rows plans for the partitions of their own months only', async () => {
  await monthlyPartitions(session, tables).ensure(partitionsAhead(tables, Date.UTC(2026, 10, 23)));
  const dueAts = [Date.UTC(2026, 10, 23), Date.UTC(2027, 2, 31, 23, 59)];
  const { statements } = readModel.plan(
    dueAts.map((dueAt, n) => recorded(testJobId(n), 1n, BigInt(n), dispatched(1, dueAt), dueAt)),
  );
  const removals = statements.filter(({ name }) => name?.endsWith('_delete'));
  const plans = await Promise.all(removals.map(({ text }) => plan(text)));
  expect(plans.map(tablesIn)).toEqual([['due_jobs_2026_11'], ['due_jobs_2027_03']]);
  // each row by its key, not by reading the partition, whatever the planner knows of it so far
  expect(plans.join()).not.toMatch(/Seq Scan|Materialize|Bitmap/);
});

test('the due query plans for no partition after the time it asks for', async () => {
  await monthlyPartitions(session, tables).ensure(partitionsAhead(tables, Date.UTC(2026, 10, 23)));
  const { text, values } = dueStatement({
    spans: allLanes(Date.UTC(2026, 10, 23, 12, 0, 1)).map((span) => ({
      ...span,
      after: { dueAt: Date.UTC(2026, 10, 23, 12), jobId: testJobId(0) },
    })),
    shards: allShards,
    limit: 500,
  });
  const { rows } = await model.db.raw<{ rows: readonly object[] }>(`explain ${text}`, [...values]);
  expect(tablesIn(JSON.stringify(rows).replaceAll('"', ' '))).toEqual(['due_jobs_2026_11']);
});
