import { chmod, chown, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive, runToEnd, serverEnv, withPrivileges } from './child';
import type { Account } from './postgres-account';

/** The cluster is made beside its place and moved there whole: a crash half-way leaves no half cluster. */
export const createCluster = async (
  bin: string,
  dataDir: string,
  account: Account,
  isThrowAway: boolean,
): Promise<void> => {
  if (await hasCluster(dataDir)) return;
  await refuseForeignFiles(dataDir);
  await removeAbandoned(dataDir);
  const draft = `${dataDir}.init-${process.pid}`;
  try {
    await mkdir(draft, { mode: 0o700 });
    if (account.owner) await chown(draft, account.owner.uid, account.owner.gid);
    await initdb(bin, draft, account, isThrowAway);
    await rename(draft, dataDir).catch(async (error: unknown) => {
      if (!(await hasCluster(dataDir))) throw error; // else another start was faster
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
};

const initdb = async (
  bin: string,
  folder: string,
  { privileges }: Account,
  isThrowAway: boolean,
): Promise<void> => {
  const args = ['-D', folder, '-U', 'app', '-A', 'trust', '--encoding=UTF8', '--locale=C'];
  if (isThrowAway) args.push('--no-sync');
  const [program, ...rest] = withPrivileges(privileges, join(bin, 'initdb'), args);
  const { code, output } = await runToEnd(program, rest, { env: serverEnv, cwd: '/' });
  if (code !== 0) throw new Error(`initdb failed: ${output}`);
};

/** Drafts of starts that were killed. */
const removeAbandoned = async (dataDir: string): Promise<void> => {
  const prefix = `${basename(dataDir)}.init-`;
  for (const name of await readdir(dirname(dataDir))) {
    if (!name.startsWith(prefix) || isAlive(Number(name.slice(prefix.length)))) continue;
    await rm(join(dirname(dataDir), name), { recursive: true, force: true });
  }
};

/** PostgreSQL wants its directory to be its own and closed to others; a restored copy may not be. */
export const giveTo = async ({ owner }: Account, dataDir: string): Promise<void> => {
  const found = await stat(dataDir);
  if (owner !== undefined && found.uid !== owner.uid) {
    const args = ['-R', `${owner.uid}:${owner.gid}`, dataDir];
    const { code, output } = await runToEnd('chown', args);
    if (code !== 0) throw new Error(`${dataDir} could not be given to PostgreSQL: ${output}`);
  }
  if ((found.mode & 0o077) !== 0) await chmod(dataDir, 0o700);
};

const hasCluster = async (dataDir: string): Promise<boolean> =>
  await stat(join(dataDir, 'PG_VERSION')).then(
    () => true,
    () => false,
  );

const refuseForeignFiles = async (dataDir: string): Promise<void> => {
  const names = await readdir(dataDir).catch((): string[] => []);
  if (names.length > 0) throw new Error(`${dataDir} has files in it that are not PostgreSQL's.`);
};
