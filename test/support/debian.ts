import { mkdir, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { runToEnd } from '../../embedded/child';

/** Where a package of Debian's is unpacked by those who may not install it. */
export const cacheOf = (name: string): string => resolve('.cache', name);

const aptGet = (args: readonly string[], cwd = '/') =>
  runToEnd(
    'env',
    ['DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q', '-o', 'DPkg::Lock::Timeout=120', ...args],
    { cwd },
  );

const install = async (name: string): Promise<boolean> =>
  (await aptGet(['install', '-y', '--no-install-recommends', name])).code === 0;

/** The package and all that it needs beyond what this machine has. */
const neededBy = async (name: string): Promise<readonly string[]> => {
  const { output } = await aptGet(['install', '-s', '--no-install-recommends', name]);
  const found = [...output.matchAll(/^Inst (\S+)/gm)].map(([, needed = '']) => needed);
  return found.length > 0 ? found : [name];
};

/** Whether it may be installed, by root, or is unpacked at any rate: a service would start by itself. */
export type Way = 'installed' | 'unpacked';

/** As root it is installed, else unpacked beside the other things that tests fetch, with what it needs. */
const fetchPackage = async (name: string, way: Way): Promise<void> => {
  if (way === 'installed' && process.getuid?.() === 0) {
    if (await install(name)) return;
    await aptGet(['update']); // a fresh image knows no packages
    if (await install(name)) return;
  }
  const cache = cacheOf(name);
  await mkdir(cache, { recursive: true });
  const download = async (): Promise<boolean> =>
    (await aptGet(['download', ...(way === 'unpacked' ? [name] : await neededBy(name))], cache))
      .code === 0;
  if (!(await download()) && process.getuid?.() === 0) {
    await aptGet(['update']);
    await download();
  }
  for (const file of await readdir(cache))
    if (file.endsWith('.deb')) await runToEnd('dpkg', ['-x', file, '.'], { cwd: cache });
};

/**
 * Something of a package of Debian's, fetched when it is not there.
 *
 * @param find  looks where it is installed and in the cache
 * @throws Error when this machine neither has it nor gets it: without it the test proves nothing
 */
export const ofPackage = async <T>(
  name: string,
  find: () => Promise<T | undefined>,
  way: Way = 'installed',
): Promise<T> => {
  const there = await find();
  if (there !== undefined) return there;
  await fetchPackage(name, way);
  const found = await find();
  if (found === undefined)
    throw new Error(`There is no ${name}: install it (Debian: apt-get install ${name}).`);
  return found;
};
