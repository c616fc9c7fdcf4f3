import { differenceText, isEqual } from '../../../../projections/replay/comparing/difference';
import { recorded, testJobId } from '../../../support/job-histories';
import { dispatched, EPOCH, scheduled, started, t } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { projectLive, replayOf } from '../../../support/replaying';

let model: TestReadModel;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
  await projectLive(model, log);
});

const log = [1, 2, 3].map((n) => recorded(testJobId(n), 0n, BigInt(n), scheduled()));

const dryRun = async (maxDiffs = 100) => {
  const { differences } = await replayOf(model, () => log, { swaps: false, maxDiffs });
  return Object.fromEntries(differences.map((difference) => [difference.table, difference]));
};

test('a changed row is found, and only the columns that differ are named', async () => {
  await model.db.raw(`update jobs set name = 'changed', error = '{"code": "x"}' where job_id = ?`, [
    testJobId(2),
  ]);
  const { jobs, due_jobs: dueJobs } = await dryRun();
  expect(jobs).toMatchObject({ liveRows: 3, rebuiltRows: 3, isCutOff: false });
  expect(jobs?.rows).toEqual([
    {
      key: testJobId(2),
      kind: 'changed',
      columns: [
        { column: 'name', live: 'changed', rebuilt: 'pay the invoice' },
        { column: 'error', live: '{"code": "x"}', rebuilt: null },
      ],
    },
  ]);
  expect(dueJobs?.rows).toEqual([]);
  expect(jobs && differenceText(jobs)).toBe(`jobs: 3 rows live, 3 rebuilt
  ${testJobId(2)}
  - name: "changed"
  + name: "pay the invoice"
  - error: "{\\"code\\": \\"x\\"}"
  + error: null`);
});

test('a missing row and one too many are found in every table', async () => {
  await model.db.raw(`delete from due_jobs where job_id = ?`, [testJobId(1)]);
  await model.db.raw(`delete from status_feed where position = 3`);
  await model.db.raw(
    `insert into due_jobs select ?, due_at, slot, revision, position, attempt, timeout_ms,
    max_lateness_ms, owner_id, name, location, queue, payload from due_jobs where job_id = ?`,
    [testJobId(9), testJobId(2)],
  );
  await model.db.raw(`insert into parked_streams values ('jobs', 'job-x', 1, 2, 'e', now())`);
  const found = await dryRun();
  expect(found['due_jobs']?.rows.map(({ key, kind }) => [key.split(' ')[0], kind])).toEqual([
    [testJobId(1), 'only-rebuilt'],
    [testJobId(9), 'only-live'],
  ]);
  expect(found['status_feed']?.rows).toMatchObject([{ key: '3', kind: 'only-rebuilt' }]);
  expect(found['parked_streams']?.rows).toMatchObject([{ key: 'job-x', kind: 'only-live' }]);
  expect(found['jobs']?.rows).toEqual([]);
});

test('no more rows are told than were asked for, and that there are more', async () => {
  await model.db.raw(`update jobs set revision = 7`);
  expect((await dryRun(2))['jobs']).toMatchObject({
    rows: [{ key: testJobId(1) }, { key: testJobId(2) }],
    isCutOff: true,
  });
});

test('a live read model that stands behind the log and does not move is told as such', async () => {
  await model.db.raw(`update checkpoint set position = 2`);
  let now = 0;
  const result = await replayOf(model, () => log, { swaps: false }, { now: () => (now += 6_000) });
  expect(result).toMatchObject({ comparedAt: undefined, position: 3n });
});

test('events of other streams behind the last one of a job hold up no comparison: the live projector is not told of them', async () => {
  const seal = { ...recorded(testJobId(9), 0n, 99n, scheduled()), stream: 'seals' };
  const options = { swaps: false };
  const { comparedAt, differences } = await replayOf(model, () => [...log, seal], options);
  expect(comparedAt).toBe(3n);
  expect(differences.every(isEqual)).toBe(true);
});

test('of a lost table the rebuilt rows are only counted: there is nothing to compare them with', async () => {
  await model.db.raw('drop table status_feed');
  const rowsRead = jest.fn(() => Promise.resolve());
  const { differences } = await replayOf(model, () => log, {}, { rowsRead });
  expect(differences).toContainEqual({
    table: 'status_feed',
    liveRows: undefined,
    rebuiltRows: 3,
    rows: [],
    isCutOff: false,
  });
  expect(rowsRead.mock.calls).toEqual([[3], [3], [3], [3]]); // jobs and due_jobs, both sides
});

test('lateness is compared and rebuilt for as long as it is kept: what the live table has not trimmed yet is no difference', async () => {
  const DAY_MS = 24 * 3_600_000;
  const lives = [scheduled({}, t(0)), dispatched(1, t(0)), started()].map((event, revision) =>
    recorded(testJobId(7), BigInt(revision), BigInt(10 + revision), event, t(1)),
  );
  await model.clear();
  await projectLive(model, lives);
  const latenessAfter = async (days: number, swaps: boolean) => {
    const now = () => EPOCH + days * DAY_MS;
    const { differences } = await replayOf(model, () => lives, { swaps }, { now });
    return differences.find(({ table }) => table === 'lateness');
  };
  // its owner's and everybody's, by minute and by hour
  expect(await latenessAfter(29, false)).toMatchObject({ liveRows: 4, rebuiltRows: 4, rows: [] });
  expect(await latenessAfter(31, true)).toMatchObject({ liveRows: 0, rebuiltRows: 0, rows: [] });
  expect(await model.db('lateness')).toEqual([]);
});
