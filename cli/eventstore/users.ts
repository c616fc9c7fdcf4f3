import { UsageError } from '../verb';

export type User = {
  readonly name: string;
  readonly password: string;
  readonly isAdmin?: true;
};

/** The first colon ends the name, so a password may have colons. */
const userFrom = (text: string, where: string): User => {
  const colon = text.indexOf(':');
  if (colon < 1 || colon === text.length - 1)
    throw new UsageError(`${where}: a user is NAME:PASSWORD`); // the text itself may be a password
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
};

/**
 * Users from all places where they can be given.
 *
 * @throws UsageError when one is no NAME:PASSWORD, or a name is given twice
 */
export const usersFrom = (given: {
  readonly flags: readonly string[];
  readonly admins: readonly string[];
  readonly file: string | undefined;
  /** Of the environment, with the name of the variable. */
  readonly env: { readonly variable: string; readonly text: string } | undefined;
}): readonly User[] => {
  const lines = (text: string | undefined, separator: RegExp): readonly string[] =>
    (text ?? '').split(separator).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const users = [
    ...given.flags.map((text) => userFrom(text, '--user')),
    ...given.admins.map((text) => ({ ...userFrom(text, '--admin'), isAdmin: true as const })),
    ...lines(given.file, /\r?\n/).map((line) => userFrom(line, '--users-file')),
    ...lines(given.env?.text, /\r?\n|,/).map((line) => userFrom(line, given.env?.variable ?? '')),
  ];
  const names = new Set<string>();
  for (const { name } of users) {
    if (names.has(name)) throw new UsageError(`the user ${name} is given twice`);
    names.add(name);
  }
  return users;
};
