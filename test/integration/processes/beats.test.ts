import { executorBeats } from '../../../infra/postgres/executor-beats';
import { createReadModel, type TestReadModel } from '../../support/read-model';

let readModel: TestReadModel;

beforeAll(async () => {
  readModel = await createReadModel();
});
afterAll(async () => {
  await readModel.dispose();
});

const GAP_MS = 3_000;

/** The channel as it stands when beats were last heard `aliveAgo` ago, and without a gap for an hour. */
const channelAfter = async (aliveAgo: string | null, wasDeaf: boolean): Promise<unknown> => {
  const { db } = readModel;
  await db.raw(
    `update heartbeat_channel
     set alive_at = now() - ?::interval, listening_since = now() - interval '1 hour'`,
    [aliveAgo],
  );
  await executorBeats(db).listening(wasDeaf, GAP_MS);
  const { rows } = await db.raw<{ rows: readonly unknown[] }>(
    `select listening_since > now() - interval '1 minute' as "isFresh",
            alive_at > now() - interval '1 minute' as "isAlive" from heartbeat_channel`,
  );
  return rows[0];
};

test.each`
  aliveAgo        | wasDeaf  | isFresh  | why
  ${'1 second'}   | ${false} | ${false} | ${'beats were heard all the time'}
  ${'10 seconds'} | ${false} | ${true}  | ${'nobody listened for longer than a gap may be'}
  ${null}         | ${false} | ${true}  | ${'nobody has ever listened'}
  ${'1 second'}   | ${true}  | ${true}  | ${'the one who listens was cut off'}
`(
  'executors get a fresh start $isFresh: $why',
  async (row: { aliveAgo: string | null; wasDeaf: boolean; isFresh: boolean }) => {
    const { aliveAgo, wasDeaf, isFresh } = row;
    expect(await channelAfter(aliveAgo, wasDeaf)).toEqual({ isFresh, isAlive: true });
  },
);

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
