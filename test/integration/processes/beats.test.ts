import { executorBeats } from '../../../infra/postgres/executor-beats';
import { createReadModel, type TestReadModel } from '../../support/read-model';
import { until } from '../../support/until';

let readModel: TestReadModel;

beforeAll(async () => {
  readModel = await createReadModel();
});
afterAll(async () => {
  await readModel.dispose();
});

const GAP_MS = 60_000;

/** A gateway as it stands when it last heard beats `aliveAgo` ago, and without a gap for an hour. */
const gatewayAfter = async (aliveAgo: string, wasDeaf: boolean): Promise<unknown> => {
  const { db } = readModel;
  await db.raw(`truncate gateways`);
  await db.raw(
    `insert into gateways (gateway_id, alive_at, listening_since)
     values ('g1', now() - ?::interval, now() - interval '1 hour')`,
    [aliveAgo],
  );
  await executorBeats(db).listening('g1', wasDeaf, GAP_MS);
  const { rows } = await db.raw<{ rows: readonly unknown[] }>(
    `select listening_since > now() - interval '1 minute' as "isFresh",
            alive_at between now() - interval '1 minute' and now() as "isAlive" from gateways`,
  );
  return rows[0];
};

test.each`
  aliveAgo       | wasDeaf  | isFresh  | why
  ${'1 second'}  | ${false} | ${false} | ${'it heard beats all the time'}
  ${'2 minutes'} | ${false} | ${true}  | ${'it was frozen, or cut off, for longer than a gap may be'}
  ${'1 second'}  | ${true}  | ${true}  | ${'it could not hear, or not write down what it heard'}
  ${'-1 hour'}   | ${false} | ${true}  | ${'the clock was set back, and nothing is known of the time between'}
`(
  'a gateway counts as listening anew $isFresh: $why',
  async (row: { aliveAgo: string; wasDeaf: boolean; isFresh: boolean }) => {
    const { aliveAgo, wasDeaf, isFresh } = row;
    expect(await gatewayAfter(aliveAgo, wasDeaf)).toEqual({ isFresh, isAlive: true });
  },
);

test('a gateway that nobody has heard of listens from now on, whatever others do', async () => {
  const { db } = readModel;
  await gatewayAfter('1 second', false);
  await executorBeats(db).listening('g2', false, GAP_MS);
  const { rows } = await db.raw<{ rows: readonly unknown[] }>(
    `select gateway_id, listening_since > now() - interval '1 minute' as "isFresh"
     from gateways order by gateway_id`,
  );
  expect(rows).toEqual([
    { gateway_id: 'g1', isFresh: false },
    { gateway_id: 'g2', isFresh: true },
  ]);
});

test('a beat that several gateways hear is written once, and again when it says something new or the clock was set back', async () => {
  const { db } = readModel;
  const beats = executorBeats(db);
  const beat = { executorId: 'heard-twice', queue: 'default', running: 1 };
  const versions = async (): Promise<unknown> => {
    const { rows } = await db.raw<{ rows: readonly { xmin: string }[] }>(
      `select xmin::text from executors where executor_id = 'heard-twice'`,
    );
    return rows[0]?.xmin;
  };
  await beats.record([beat]);
  // within the time that it counts as the same one, which a slow machine may miss now and then
  const wasWrittenOnce = async (): Promise<boolean> => {
    await db.raw(`update executors set last_beat_at = clock_timestamp()`);
    const before = await versions();
    await Promise.all([beats.record([beat]), beats.record([beat])]);
    return (await versions()) === before;
  };
  await until(wasWrittenOnce, { what: 'it is written once' });
  const first = await versions();
  await beats.record([{ ...beat, running: 2 }]);
  expect(await versions()).not.toBe(first);
  await db.raw(
    `update executors set last_beat_at = now() + interval '1 hour' where executor_id = 'heard-twice'`,
  );
  await beats.record([{ ...beat, running: 2 }]);
  const { rows } = await db.raw<{ rows: readonly unknown[] }>(
    `delete from executors where executor_id = 'heard-twice' and last_beat_at <= now() returning running`,
  );
  expect(rows).toEqual([{ running: 2 }]);
});

test('a beat replaces the one before; executors long silent are removed from the list', async () => {
  const { db } = readModel;
  const beats = executorBeats(db);
  await beats.record([{ executorId: 'a', queue: 'default', running: 1 }]);
  await beats.record([
    { executorId: 'a', queue: 'default', running: 2 },
    { executorId: 'b', queue: 'default', running: 0 },
  ]);
  await db.raw(
    `update executors set last_beat_at = now() - interval '2 hours' where executor_id = 'b'`,
  );
  await beats.forget(3_600_000);
  const { rows } = await db.raw<{ rows: readonly unknown[] }>(
    'select executor_id, running from executors',
  );
  expect(rows).toEqual([{ executor_id: 'a', running: 2 }]);
});

test('whoever was heard in a time to come is removed too, for the clock was set back: who lives is heard anew', async () => {
  const { db } = readModel;
  const beats = executorBeats(db);
  await db.raw('truncate executors, gateways');
  await beats.record([{ executorId: 'a', queue: 'default', running: 1 }]);
  await beats.listening('g', false, 5_000);
  const toCome = `now() + interval '1 hour'`;
  await db.raw(
    `update executors set last_beat_at = ${toCome}; update gateways set alive_at = ${toCome}`,
  );
  await beats.forget(3_600_000);
  const { rows } = await db.raw<{ rows: readonly unknown[] }>(
    'select executor_id as id from executors union all select gateway_id from gateways',
  );
  expect(rows).toEqual([]);
});
