import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hashPassword, matchesPassword, type PasswordHash } from './passwords';

export type UserOptions = {
  readonly name: string;
  readonly password: string;
  /** Member of `$admins`; a user named `admin` is one anyway. */
  readonly isAdmin?: boolean;
};

/** Who makes a call. */
export type User = { readonly name: string; readonly isAdmin: boolean };

type Account = User & {
  readonly password: PasswordHash;
  /** Keyed digest of the credentials that were found right. */
  verified: Buffer | undefined;
};

/** Wrong credentials whose verdict is remembered, so that a client that repeats them costs little. */
const refusedCapacity = 1_000;

type Credentials = { readonly name: string; readonly password: string };

/** The credentials of a Basic `authorization` header. */
const parseBasic = (header: string): Credentials | undefined => {
  const [, encoded] = /^basic +([a-z0-9+/=_-]+)$/i.exec(header) ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
};

const faultOf = (users: readonly UserOptions[]): string | undefined => {
  for (const { name, password } of users) {
    if (name === '' || /[:$\p{Cc}]/u.test(name))
      return `the user name "${name}" is empty or has a colon, a dollar sign or a control character`;
    if (password === '') return `the user "${name}" has no password`;
  }
  const twice = users.find(({ name }, i) => users.findIndex((u) => u.name === name) !== i);
  return twice && `the user "${twice.name}" is given twice`;
};

export const isAdministrator = ({ name, isAdmin }: UserOptions): boolean =>
  isAdmin ?? name === 'admin';

const accountOf = async (user: UserOptions): Promise<Account> => ({
  name: user.name,
  isAdmin: isAdministrator(user),
  password: await hashPassword(user.password),
  verified: undefined,
});

export type Users = {
  /** The user whose credentials an `authorization` header holds; costs a scrypt once per credentials. */
  readonly verify: (header: string) => User | undefined | Promise<User | undefined>;
};

/**
 * The users that may call, with their passwords kept as hashes only.
 *
 * @throws Error in a sentence when a name or a password cannot be used
 */
export const openUsers = async (options: readonly UserOptions[]): Promise<Users> => {
  const fault = faultOf(options);
  if (fault !== undefined) throw new Error(fault);
  const accounts = new Map<string, Account>();
  for (const user of options) accounts.set(user.name, await accountOf(user));
  // a name that nobody has costs what a wrong password does
  const nobody = await hashPassword(randomBytes(16).toString('hex'));
  const key = randomBytes(32);
  const refused = new Set<string>();
  const underWay = new Map<string, Promise<User | undefined>>();
  let queue: Promise<unknown> = Promise.resolve();

  const check = async (
    account: Account | undefined,
    password: string,
    digest: Buffer,
  ): Promise<User | undefined> => {
    const isRight = await matchesPassword(password, account?.password ?? nobody);
    if (account && isRight) {
      account.verified = digest;
      return account;
    }
    const [oldest] = refused;
    if (refused.size >= refusedCapacity && oldest !== undefined) refused.delete(oldest);
    refused.add(digest.toString('base64'));
    return undefined;
  };

  return {
    verify: (header) => {
      const credentials = parseBasic(header);
      if (!credentials) return undefined;
      const { name, password } = credentials;
      const digest = createHmac('sha256', key).update(`${name}:${password}`).digest();
      const account = accounts.get(name);
      if (account?.verified && timingSafeEqual(account.verified, digest)) return account;
      const text = digest.toString('base64');
      if (refused.has(text)) return undefined;
      const begun = underWay.get(text);
      if (begun) return begun;
      // one at a time: a flood of guesses takes one thread, not all
      const checked = queue.then(() => check(account, password, digest));
      queue = checked.catch(() => undefined).finally(() => underWay.delete(text));
      underWay.set(text, checked);
      return checked;
    },
  };
};
