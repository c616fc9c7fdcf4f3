import { chmod, mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runToEnd } from '../../embedded/child';

/** A wall clock of one's own for programs that are started with its environment; monotonic time is left alone. */
export type FakeClock = {
  readonly env: Readonly<Record<string, string>>;
  /** Sets it, while they run, to so much before or after the real time. */
  readonly set: (offsetSeconds: number) => Promise<void>;
};

const PACKAGE = 'libfaketime';
const CACHE = resolve('.cache/libfaketime');

/** The library in one of the folders that Debian names after the machine. */
const librariesIn = async (root: string): Promise<readonly string[]> => {
  const machines = await readdir(root).catch((): string[] => []);
  const found = await Promise.all(
    machines.map(async (machine) => {
      const folder = join(root, machine, 'faketime');
      const names = await readdir(folder).catch((): string[] => []);
      return names.includes('libfaketimeMT.so.1') ? [join(folder, 'libfaketimeMT.so.1')] : [];
    }),
  );
  return found.flat();
};

const find = async (): Promise<string | undefined> =>
  [...(await librariesIn('/usr/lib')), ...(await librariesIn(join(CACHE, 'usr/lib')))][0];

const aptGet = (args: readonly string[], cwd = '/') =>
  runToEnd(
    'env',
    ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', ...args],
    { cwd },
  );

/** As root it is installed, else unpacked beside the other things that tests fetch. */
const fetchLibrary = async (): Promise<void> => {
  if (process.getuid?.() === 0) {
    const install = () => aptGet(['install', '-y', '--no-install-recommends', PACKAGE]);
    if ((await install()).code === 0) return;
    await aptGet(['update']); // a fresh image knows no packages
    if ((await install()).code === 0) return;
  }
  await mkdir(CACHE, { recursive: true });
  await aptGet(['download', PACKAGE], CACHE);
  const archive = (await readdir(CACHE)).find((name) => name.endsWith('.deb'));
  if (archive !== undefined) await runToEnd('dpkg', ['-x', archive, '.'], { cwd: CACHE });
};

/** @throws Error when this machine neither has libfaketime nor gets it: without it the test proves nothing */
export const fakeClock = async (): Promise<FakeClock> => {
  if ((await find()) === undefined) await fetchLibrary();
  const library = await find();
  if (library === undefined)
    throw new Error('There is no libfaketime: install it (Debian: apt-get install libfaketime).');
  const folder = await mkdtemp(join(tmpdir(), 'punctual-clock-'));
  await chmod(folder, 0o755); // Postgres reads it under an account of its own
  const file = join(folder, 'time');
  const set = async (offsetSeconds: number): Promise<void> => {
    await writeFile(file, `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`, { mode: 0o644 });
  };
  await set(0);
  return {
    set,
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    },
  };
};
