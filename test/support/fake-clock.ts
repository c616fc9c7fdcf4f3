import { chmod, mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheOf, ofPackage } from './debian';

/** A wall clock of one's own for programs that are started with its environment; monotonic time is left alone. */
export type FakeClock = {
  readonly env: Readonly<Record<string, string>>;
  /** Sets it, while they run, to so much before or after the real time. */
  readonly set: (offsetSeconds: number) => Promise<void>;
};

const PACKAGE = 'libfaketime';

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
  [
    ...(await librariesIn('/usr/lib')),
    ...(await librariesIn(join(cacheOf(PACKAGE), 'usr/lib'))),
  ][0];

/** @throws Error when this machine neither has libfaketime nor gets it: without it the test proves nothing */
export const fakeClock = async (): Promise<FakeClock> => {
  const library = await ofPackage(PACKAGE, find);
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
