import type { Knex } from 'knex';
import type { ScheduleFilter } from '../../../../../domain/schedule/filter';
import { scheduleList, type SchedulePage } from '../../../../../projections/queries/schedules/list';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';
import { definition } from '../../../../support/schedules';

// lists of schedules, of owners with few and among very many

let model: TestReadModel;

/** Rows as the projection writes them. */
const insert = async (count: number, ownerId: string, status: string, from = 0): Promise<void> => {
  const payload = { location: 'print:', payload: 'x'.repeat(100) };
  const text = JSON.stringify({ ...definition, ownerId, job: { ...definition.job, ...payload } });
  await model.db.raw(
    `insert into schedules (schedule_id, revision, position, owner_id, name, status, definition, offset_ms,
       decided_until_ms, may_overlap, withdrawn_revision, created_at, rule_since, last_at)
     select md5(:owner || :status || n)::uuid, 0, n, :owner, :owner || ' ' || :status || ' 50% ' || n, :status, jsonb_set(cast(:json as jsonb), '{name}', to_jsonb(:owner || ' ' || :status || ' 50% ' || n)), 0, 0, true,
            -1, timestamptz '2031-01-01' + n * interval '1 minute', now(), now()
     from generate_series(cast(:from as int), cast(:to as int)) n`,
    { owner: ownerId, status, json: text, from, to: from + count - 1 },
  );
};

beforeAll(async () => {
  model = await createReadModel();
  await insert(20_000, 'ada', 'deleted');
  await insert(20_000, 'bob', 'active');
  await insert(7, 'ada', 'active', 3);
  await insert(2, 'ada', 'paused', 5);
  await model.db.raw('analyze schedules');
});
afterAll(async () => {
  await model.dispose();
});

/** All pages, and how many rows of the table were looked at for each. */
const pages = async (filter: ScheduleFilter, limit: number, most = 50) => {
  const names: string[] = [];
  const looks: number[] = [];
  let after: SchedulePage['next'];
  do {
    const { items, next } = await model.db.transaction(async (trx: Knex.Transaction) => {
      const page = await scheduleList(trx).list(filter, { limit, ...(after && { after }) });
      const { rows } = await trx.raw<{ rows: { looks: string; scans: string }[] }>(
        `select seq_scan as scans, seq_tup_read + coalesce(idx_tup_fetch, 0) as looks
         from pg_stat_xact_user_tables where relname = 'schedules'`,
      );
      looks.push(Number(rows[0]?.looks));
      return page;
    });
    names.push(...items.map(({ name }) => name.replace(' 50% ', ' ')));
    after = next;
  } while (after && looks.length < most);
  return { names, looks };
};

test('an owner sees his own, the newest first and page by page, and no deleted one unless he asks for them', async () => {
  const expected = ['active 9', 'active 8', 'active 7', 'paused 6', 'active 6', 'paused 5'];
  const { names } = await pages({ ownerId: 'ada' }, 2);
  expect(names).toHaveLength(9);
  expect([...names].sort()).toEqual(
    [3, 4, 5, 6, 7, 8, 9]
      .map((n) => `ada active ${n}`)
      .concat(['ada paused 5', 'ada paused 6'])
      .sort(),
  );
  expect(names.slice(0, 3)).toEqual(expected.slice(0, 3).map((name) => `ada ${name}`));
  expect((await pages({ ownerId: 'ada', status: ['paused'] }, 10)).names).toEqual([
    'ada paused 6',
    'ada paused 5',
  ]);
  const deleted = await pages({ ownerId: 'ada', status: ['deleted'] }, 3, 1);
  expect(deleted.names).toEqual(['ada deleted 19999', 'ada deleted 19998', 'ada deleted 19997']);
});

test.each<[string, ScheduleFilter]>([
  ['his few beside 20,000 deleted ones', { ownerId: 'ada' }],
  ['a rare status', { ownerId: 'ada', status: ['paused'] }],
  ['an operator, everybody', {}],
  ['an operator, a rare status', { status: ['paused', 'stopped'] }],
  ['many of one owner', { ownerId: 'bob' }],
])('a page costs a page, not a scan, among 40,000: %s', async (_who, filter) => {
  const { looks } = await pages(filter, 20, 3);
  for (const look of looks) expect(look).toBeLessThan(400);
});

test('a part of the name is read literally, and payloads are left out', async () => {
  const { names } = await pages({ ownerId: 'ada', q: 'PAUSED 50% 5' }, 10);
  expect(names).toEqual(['ada paused 5']);
  expect((await pages({ ownerId: 'ada', q: '50_' }, 10)).names).toEqual([]);
  const { items } = await scheduleList(model.db).list({ ownerId: 'ada' }, { limit: 1 });
  expect(items[0]?.job).not.toHaveProperty('payload');
  expect(items[0]).toMatchObject({ status: 'active', nextDueAt: null, revision: 0 });
});

test('all that were ever made are told, the newest first, but for those that were deleted by a moment', async () => {
  const { made } = scheduleList(model.db);
  const nameOf = async (scheduleIds: readonly string[]) => {
    const { rows } = await model.db.raw<{ rows: { schedule_id: string; name: string }[] }>(
      'select schedule_id, name from schedules where schedule_id = any(?::uuid[])',
      [[...scheduleIds]],
    );
    const names = new Map(rows.map((row) => [row.schedule_id, row.name.replace(' 50% ', ' ')]));
    return scheduleIds.map((id) => names.get(id));
  };
  const told = async (...asked: Parameters<typeof made>) =>
    await nameOf((await made(...asked)).map(({ scheduleId }) => scheduleId));
  const newest = ['ada deleted 19999', 'ada deleted 19998'];
  expect(await told({ ownerId: 'ada' }, { limit: 2 })).toEqual(newest);
  // the rows here are as of now
  const longAgo = { kind: 'time', at: Date.UTC(2020, 0) } as const;
  expect(await told({ ownerId: 'ada', deletedAfter: longAgo }, { limit: 2 })).toEqual(newest);
  for (const deletedAfter of [
    { kind: 'time', at: Date.now() + 60_000 },
    { kind: 'position', position: 19_999n },
  ] as const) {
    const living = await told({ ownerId: 'ada', deletedAfter }, { limit: 64 });
    expect(living).toHaveLength(9);
    expect(living.slice(0, 2)).toEqual(['ada active 9', 'ada active 8']);
  }
  const [first] = await made({}, { limit: 1 });
  const [second] = await made({}, { limit: 1, ...(first && { after: first }) });
  expect(second).not.toEqual(first);
});

test('living schedules are counted, up to a number, and deleted ones are not', async () => {
  const { countLiving } = scheduleList(model.db);
  expect(await countLiving('ada', 100)).toBe(9);
  expect(await countLiving('ada', 4)).toBe(4);
  expect(await countLiving('bob', 10_000)).toBe(10_000);
  expect(await countLiving('nobody', 100)).toBe(0);
});
