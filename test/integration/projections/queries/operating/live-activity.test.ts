import {
  LIVE_ACTIVITY,
  liveActivity,
} from '../../../../../projections/queries/operating/live-activity';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';

let readModel: TestReadModel;
beforeAll(async () => {
  readModel = await createReadModel();
});
afterAll(() => readModel.dispose());

test.each`
  position | applied                                      | isLive   | why
  ${-1}    | ${'clock_timestamp()'}                       | ${false} | ${'nothing was ever applied'}
  ${5}     | ${'clock_timestamp()'}                       | ${true}  | ${'the projector is at it'}
  ${5}     | ${"clock_timestamp() - interval '1 minute'"} | ${false} | ${'it has had nothing to do for long'}
`(
  'a checkpoint at $position with $applied is live: $isLive, for $why',
  async ({ position, applied, isLive }: { position: number; applied: string; isLive: boolean }) => {
    await readModel.db.raw(`update checkpoint set position = ?, applied_at = ${applied}`, [
      position,
    ]);
    expect(await liveActivity(readModel.db)).toMatchObject({ isLive, position: BigInt(position) });
  },
);

test('a database without the projection has no live system', async () => {
  expect((await liveActivity(readModel.db, 'no-such-projection')).isLive).toBe(false);
});

test.each`
  due                                           | isLate   | why
  ${"clock_timestamp() + interval '1 minute'"}  | ${false} | ${'it is not due yet'}
  ${'clock_timestamp()'}                        | ${false} | ${'it is being dispatched'}
  ${"clock_timestamp() - interval '3 seconds'"} | ${true}  | ${'its dispatcher has more to do than it can'}
`(
  'a job that waits with $due is late: $isLate, for $why',
  async ({ due, isLate }: { due: string; isLate: boolean }) => {
    const db = readModel.db;
    await db.raw('delete from due_jobs');
    await db.raw(
      `insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms, max_lateness_ms, owner_id, name, location, queue, payload)
     values (gen_random_uuid(), ${due}, 255, 0, 1, 1, 1000, 1000, 'o', 'n', 'l', 'q', '{}')`,
    );
    expect((await liveActivity(db)).isLate).toBe(isLate);
  },
);

test.each`
  reason            | isLate   | why
  ${'no-executors'} | ${false} | ${'one misspelt queue must not slow down all who give way to late jobs'}
  ${'queue-rate'}   | ${false} | ${'an operator wants it so'}
  ${'owner-turn'}   | ${true}  | ${'there is more to do than can be done'}
`(
  'a job that is held back by $reason is late: $isLate, for $why',
  async ({ reason, isLate }: { reason: string; isLate: boolean }) => {
    await readModel.db.raw(
      `insert into held_back (queue, owner_id, reason, since, seen_at)
       values ('q', '', ?, now() - interval '3 seconds', now())
       on conflict (queue, owner_id) do update set reason = excluded.reason`,
      [reason],
    );
    expect((await liveActivity(readModel.db)).isLate).toBe(isLate);
    await readModel.db.raw('delete from held_back');
  },
);

test('a look reads no row of the jobs that wait, however many they are: it is repeated each second', async () => {
  const { db } = readModel;
  await db.raw('delete from due_jobs');
  await db.raw(
    `insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms, max_lateness_ms, owner_id, name, location, queue, payload)
     select gen_random_uuid(), now() + interval '1 hour' + n * interval '10 minutes', n % 256, 0, n, 1, 1000, 1000, 'o', 'n', 'l', 'q', '{}'
     from generate_series(1, 20000) n`,
  );
  await db.raw('analyze due_jobs');
  const { rows } = await db.raw<{ rows: readonly { 'QUERY PLAN': string }[] }>(
    `explain (analyze, costs off, timing off) ${LIVE_ACTIVITY}`,
    ['jobs'],
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan).toMatch(/Index.* Cond: .*lane.* AND .*due_at/);
  expect(plan).not.toMatch(/Rows Removed by Filter: \d{2}|Seq Scan on due_jobs/);
});
