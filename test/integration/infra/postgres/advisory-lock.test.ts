import {
  exclusively,
  takeAdvisoryLock,
  tryAdvisoryLock,
} from '../../../../infra/postgres/advisory-lock';
import { createDatabase, type TestDatabase } from '../../../support/postgres';
import { until } from '../../../support/until';
import { backends, cut, ownPostgres } from './server';

let database: TestDatabase;

beforeAll(async () => {
  database = await createDatabase();
});

afterAll(async () => {
  await database.drop();
});

const options = (applicationName = 'locker') => ({ url: database.url, applicationName });

test('one of many has the lock, and the next gets it after a release', async () => {
  const attempts = await Promise.all(
    Array.from({ length: 8 }, () => tryAdvisoryLock(options(), 'one')),
  );
  const [held, ...others] = attempts.filter((lock) => lock !== undefined);
  expect(others).toEqual([]);
  await held?.release();
  const next = await tryAdvisoryLock(options(), 'one');
  expect(next).toBeDefined();
  await next?.release();
});

test('locks of other names do not meet', async () => {
  const locks = [await tryAdvisoryLock(options(), 'a'), await tryAdvisoryLock(options(), 'b')];
  expect(locks).not.toContain(undefined);
  for (const lock of locks) await lock?.release();
});

test('whoever waits gets the lock when it falls free', async () => {
  const first = await tryAdvisoryLock(options(), 'waited');
  let isTaken = false;
  const second = takeAdvisoryLock(options(), 'waited', { withinMs: 20_000 }).then((lock) => {
    isTaken = true;
    return lock;
  });
  await until(async () => (await backends(database.url, 'locker')).length >= 2);
  expect(isTaken).toBe(false);
  await first?.release();
  await (await second).release();
});

test('whoever waits in vain is told who has the lock, first while it waits and then as it gives up', async () => {
  const first = await tryAdvisoryLock(options('first-one'), 'kept');
  const sentences: string[] = [];
  const pid = await until(async () => (await backends(database.url, 'first-one'))[0]);
  const gaveUp = takeAdvisoryLock(options(), 'kept', {
    withinMs: 5_500, // told after three seconds, and not again before six
    onWait: (sentence) => sentences.push(sentence),
  });
  const holder = new RegExp(
    `s for the lock "kept": server process ${pid} \\(first-one, user app\\)`,
  );
  await expect(gaveUp).rejects.toThrow(holder);
  expect(sentences).toEqual([expect.stringMatching(holder)]);
  await first?.release();
});

test('a search path that names no schema is refused: its lock would never be had', async () => {
  const url = `${database.url}?options=-csearch_path%3Dnowhere`;
  const taken = takeAdvisoryLock({ url, applicationName: 'lost' }, 'none', { withinMs: 20_000 });
  await expect(taken).rejects.toThrow(/^POSTGRES_URL .* a search_path that names no schema/);
});

test('a holder whose connection is cut is told, for somebody else may have the lock by then', async () => {
  const first = await tryAdvisoryLock(options('doomed'), 'cut');
  await cut(database.url, 'doomed');
  expect(await first?.lost).toBeInstanceOf(Error);
  const next = await until(() => tryAdvisoryLock(options(), 'cut'), { what: 'it falls free' });
  await next.release();
});

test('a connection that the server no longer serves is noticed within a few beats', async () => {
  const server = await ownPostgres();
  const frozen = { url: server.url, applicationName: 'frozen', heartbeatEveryMs: 500 };
  const lock = await tryAdvisoryLock(frozen, 'frozen');
  const pid = await until(async () => (await backends(server.url, 'frozen'))[0]);
  process.kill(pid, 'SIGSTOP');
  try {
    expect(await lock?.lost).toBeInstanceOf(Error);
  } finally {
    process.kill(pid, 'SIGCONT');
    await server.dispose();
  }
});

test('work is done by one at a time, and the others are told that it was not theirs', async () => {
  const work = exclusively(options(), 'work');
  let finish: () => void = () => undefined;
  const isRunning = new Promise<void>((started) => {
    void work(async () => {
      started();
      await new Promise<void>((resolve) => (finish = resolve));
    });
  });
  await isRunning;
  expect(await work(() => Promise.reject(new Error('never called')))).toBe(false);
  finish();
  await until(() => work(() => Promise.resolve()), { what: 'the next may work' });
});

test('work that throws gives the lock back', async () => {
  const work = exclusively(options(), 'throws');
  await expect(work(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await until(() => work(() => Promise.resolve()), { what: 'the next may work' });
});
