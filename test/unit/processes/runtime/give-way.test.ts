import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { giveWay } from '../../../../processes/runtime/give-way';

/** As Linux says it of a session, such as `/autogroup-7 nice 10`; undefined where there are none. */
const sessionOf = async (pid: number | 'self'): Promise<string | undefined> =>
  await readFile(`/proc/${pid}/autogroup`, 'utf8').catch(() => undefined);

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

const sleeper = (options: SpawnOptions): number => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', ...options });
  running.push(child);
  return child.pid ?? 0;
};

test('a program that gives way is nice, and so is its session, for Linux compares the sessions first', async () => {
  const pid = sleeper({ detached: true });
  const before = await sessionOf(pid);
  giveWay(pid);
  expect(getPriority(pid)).toBe(10);
  expect(await sessionOf(pid)).toBe(before?.replace('nice 0', 'nice 10'));
});

test('a program that shares our session does not make us nice', async () => {
  const before = await sessionOf('self');
  const pid = sleeper({ detached: false });
  giveWay(pid);
  expect(getPriority(pid)).toBe(10);
  expect(await sessionOf('self')).toBe(before);
});

test('a program that is gone, or never came to be, is left alone', () => {
  expect(() => {
    giveWay(undefined);
    giveWay(4_194_304); // above any process id of Linux
  }).not.toThrow();
});
