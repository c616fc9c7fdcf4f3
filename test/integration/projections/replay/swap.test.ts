import { Client } from 'pg';
import type { RecordedEvent } from '../../../../domain/event-log';
import { systemClock } from '../../../../infra/clock';
import { projector } from '../../../../processes/projecting/projector';
import { dueJobs } from '../../../../projections/queries/dispatching/due-jobs';
import { jobQueries } from '../../../../projections/queries/jobs';
import { readModel } from '../../../../projections/projections';
import { allLanes, allShards } from '../../../support/due-rows';
import { recorded, testJobId } from '../../../support/job-histories';
import { EPOCH, scheduled } from '../../../support/jobs';
import { eventAtOf } from '../../../support/event-at';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { growingFeed } from '../../../support/growing-feed';
import { dumpOf, projectLive, replayOf, shadow } from '../../../support/replaying';
import { silentProjectorMetrics } from '../../../support/processes';
import { until } from '../../../support/until';

let model: TestReadModel;
let listener: Client;
let heard: { readonly position: string; readonly dueAt: number | null }[] = [];

beforeEach(async () => {
  model = await createReadModel();
  listener = new Client({ connectionString: model.url });
  await listener.connect();
  await listener.query('listen projected');
  heard = [];
  listener.on('notification', ({ payload = '' }) => heard.push(JSON.parse(payload) as never)); // what a projector says
});
afterEach(async () => {
  await listener.end();
  await model.dispose();
});

const jobs = (count: number): readonly RecordedEvent[] =>
  Array.from({ length: count }, (_, n) =>
    recorded(testJobId(n), 0n, BigInt(n + 1), scheduled({ name: `job ${n}` }, EPOCH + n * 1_000)),
  );

const silence = () => undefined;
const silent = { debug: silence, info: silence, warn: silence, error: silence };

test('nothing is announced before the exchange, and with it one message that makes everybody look again', async () => {
  const log = jobs(50);
  await projectLive(model, log);
  await until(() => heard.length === 1);
  await replayOf(model, () => log, { swaps: false });
  await replayOf(model, () => log);
  await until(() => heard.length > 1);
  expect(heard.slice(1)).toEqual([
    {
      ...{ position: '50', duePosition: '0', dueAt: EPOCH },
      ...{ schedulePosition: '0', operationPosition: '0' },
    },
  ]);
});

test('while a projector writes and others read, every read answers, and sees all jobs or those of before', async () => {
  const feed = growingFeed(jobs(200));
  const controller = new AbortController();
  const running = projector({
    projection: readModel,
    feed,
    eventLog: { read: () => Promise.resolve([]) },
    eventAt: eventAtOf(feed.log),
    openSession: model.openSession,
    clock: systemClock,
    draw: () => 0,
    logger: silent,
    metrics: silentProjectorMetrics,
  }).run(controller.signal);
  await until(() => heard.at(-1)?.position === '200');

  const counts: number[] = [];
  const stopReading = new AbortController();
  const reading = (async () => {
    while (!stopReading.signal.aborted) {
      const page = await jobQueries(model.db).list({}, { limit: 10 });
      expect(page.items).toHaveLength(10);
      const range = { spans: allLanes(Date.UTC(2100, 0)), shards: allShards };
      counts.push((await dueJobs(model.db).find({ ...range, limit: 10_000 })).length);
    }
  })();
  const isKeptUpWith = (): boolean => feed.log().length - Number(heard.at(-1)?.position) < 100; // on a busy machine the replay would never catch up
  const growing = setInterval(() => {
    if (isKeptUpWith()) feed.push(jobs(feed.log().length + 1).slice(-1));
  }, 5);
  try {
    for (let i = 0; i < 3; i++) {
      const result = await replayOf(model, feed.log, {}, { now: Date.now });
      expect(result.isSwapped && result.comparedAt !== undefined).toBe(true);
      expect(result.differences.flatMap(({ rows }) => rows)).toEqual([]);
    }
  } finally {
    clearInterval(growing);
    stopReading.abort();
    await reading;
  }
  const last = String(feed.log().length);
  await until(() => heard.at(-1)?.position === last);
  expect(counts).toEqual([...counts].sort((a, b) => a - b)); // a half, or an older state, would go back
  expect(counts.length).toBeGreaterThan(10);
  expect((await dumpOf(model))['jobs']).toHaveLength(Number(last));
  controller.abort();
  await running;
});

test('partitions that only the live table has are there after the exchange: a projector names them', async () => {
  await projectLive(model, jobs(3));
  await model.db.raw(`create table due_jobs_2050_01 partition of due_jobs
    for values from ('2050-01-01') to ('2050-02-01')`);
  await replayOf(model, () => jobs(3));
  const { rows } = await model.db.raw<{ rows: readonly object[] }>(
    `select from pg_tables where schemaname = 'public' and tablename = 'due_jobs_2050_01'`,
  );
  expect(rows).toHaveLength(1);
});

test('a reader that holds its lock for long holds up the exchange and nobody else; then it goes on', async () => {
  const log = jobs(5);
  await projectLive(model, log);
  await listener.query('begin; select count(*) from jobs');
  const replayed = replayOf(model, () => log);
  await until(async () => {
    const { rows } = await model.db.raw<{ rows: readonly object[] }>(
      `select from pg_locks where not granted and mode = 'AccessExclusiveLock'`,
    );
    return rows.length > 0;
  });
  expect((await dumpOf(model))['jobs']).toHaveLength(5); // waits no longer than the exchange does
  await listener.query('commit');
  expect(await replayed).toMatchObject({ isSwapped: true });
});

test('indexes, keys, autovacuum and the grants of users are as they were', async () => {
  const shape = async () => {
    const { rows } = await model.db.raw<{ rows: readonly object[] }>(`
      select c.relname, c.relkind, c.reloptions, pg_get_indexdef(i.indexrelid) as index, c.relacl::text
      from pg_class c left join pg_index i on i.indexrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relname not like 'knex%' and c.relname !~ '_20[0-9]{2}_.*idx'
      order by c.relname`);
    return rows;
  };
  await projectLive(model, jobs(3));
  await model.db.raw(`grant select on jobs, due_jobs to public`);
  const before = await shape();
  await replayOf(model, () => jobs(3));
  expect(await shape()).toEqual(before);
});

describe('what is lost comes back', () => {
  const log = jobs(20);

  test.each([
    ['a table', 'drop table jobs'],
    [
      'all read tables',
      'drop table jobs, due_jobs, status_feed, lateness, parked_streams, checkpoint, slot_leases, executors, gateways, heartbeat_channel, held_back, unserved_queues',
    ],
    ['the whole schema', 'drop schema public cascade; create schema public'],
  ])('%s', async (_what, loss) => {
    await projectLive(model, log);
    const before = await dumpOf(model);
    await model.db.raw(loss);
    await replayOf(model, () => log);
    expect(await dumpOf(model)).toEqual(before);
    const { rows } = await model.db.raw<{ rows: readonly { name: string }[] }>(
      `select tablename as name from pg_tables where schemaname = 'public'`,
    );
    const others = ['checkpoint', 'slot_leases', 'executors', 'gateways'];
    expect(rows.map(({ name }) => name)).toEqual(expect.arrayContaining(others));
    await projectLive(model, jobs(21)); // and is written on
    expect((await dumpOf(model))['jobs']).toHaveLength(21);
    expect(await model.db('pg_namespace').where('nspname', shadow)).toEqual([]);
  });
});
