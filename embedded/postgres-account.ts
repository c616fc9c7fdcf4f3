import { stat } from 'node:fs/promises';
import { runToEnd, serverEnv } from './child';

/** Who runs PostgreSQL, which refuses to run as root. */
export type Account = {
  /** `setpriv` options that turn root into this account; none when we are not root. */
  readonly privileges: readonly string[];
  /** Whom the data directory must belong to; absent when that is ourselves. */
  readonly owner?: { readonly uid: number; readonly gid: number };
};

/**
 * The account for a data directory: ourselves, or as root the directory's owner, else `nobody`.
 *
 * A checkout below a 0700 home such as /root is out of reach for `nobody`. Then the account is lent
 * one capability, to walk through folders. `no_setuid_fixup` makes access(2), which `initdb` and
 * `postgres` ask about their own files, honour it.
 *
 * @param mustReach  files and folders that the account must be able to use
 * @throws Error that says what to do when the account cannot reach them
 */
export const accountFor = async (
  dataDir: string,
  mustReach: readonly string[],
): Promise<Account> => {
  if (process.getuid?.() !== 0) return { privileges: [] };
  const owner = (await ownerOf(dataDir)) ?? (await nobody());
  const identity = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  for (const lent of [[], lend('dac_read_search'), lend('dac_override')]) {
    const privileges = [...identity, ...lent];
    if (await reaches(privileges, mustReach)) return { privileges, owner };
  }
  throw new Error(
    `PostgreSQL does not run as root, and the account with id ${owner.uid} cannot reach ${mustReach.join(' and ')}: ` +
      `install setpriv (util-linux), move them out of the closed folder, start as another user, or set PUNCTUAL_POSTGRES_URL.`,
  );
};

/** Containers often have dac_override but not the milder dac_read_search. */
const lend = (capability: string): readonly string[] => [
  `--inh-caps=+${capability}`,
  `--ambient-caps=+${capability}`,
  '--securebits=+no_setuid_fixup',
];

const reaches = async (
  privileges: readonly string[],
  paths: readonly string[],
): Promise<boolean> => {
  const check = 'for path; do test -x "$path" || exit 1; done';
  const args = [...privileges, '--', 'sh', '-c', check, 'sh', ...paths];
  return (await runToEnd('setpriv', args, { env: serverEnv, cwd: '/' })).code === 0;
};

/** An earlier start under another account left its files to that account. */
const ownerOf = async (dataDir: string): Promise<Account['owner']> => {
  const found = await stat(dataDir).catch(() => undefined);
  return found === undefined || found.uid === 0 ? undefined : { uid: found.uid, gid: found.gid };
};

const nobody = async (): Promise<NonNullable<Account['owner']>> => {
  const uid = await runToEnd('id', ['-u', 'nobody']);
  const gid = await runToEnd('id', ['-g', 'nobody']);
  if (uid.code !== 0 || gid.code !== 0) throw new Error('There is no account named nobody.');
  return { uid: Number(uid.output), gid: Number(gid.output) };
};
