import { randomBytes } from 'node:crypto';

const url = process.env['TEST_EVENTSTORE_URL'];

/** `TEST_EVENTSTORE_URL`: a server to be tried instead of ours. It is shared, and full of what others have written. */
export const givenEventStoreUrl = url === '' ? undefined : url;

/** One for each test file, whose stacks are one system. */
const prefix = `test${randomBytes(6).toString('hex')}`;

/** Settings of a stack on the server that is given: a system of its own beside all others; none without such a server. */
export const settingsOnGiven: Readonly<Record<string, string>> =
  givenEventStoreUrl === undefined
    ? {}
    : { EVENTSTORE_URL: givenEventStoreUrl, SYSTEM_PREFIX: prefix };

/** Which system of an event store is that of the test: on a server of ours it has no prefix. */
export const systemPrefixOn = (eventstoreUrl: string): string | undefined =>
  eventstoreUrl === givenEventStoreUrl ? prefix : undefined;

type Declare = (name: string, run: jest.ProvidesCallback, timeoutMs?: number) => void;
type Tests = Declare & Pick<jest.It, 'each'>;

/**
 * Declares tests of what only a server of ours can be asked. On one that is given each is skipped, and its name says why.
 *
 * @param reason  ends the sentence "not on a server that is given: …"
 */
export const onlyOnOurs = (reason: string): Tests => {
  if (givenEventStoreUrl === undefined) return test;
  const told = (name: string): string => `${name} [not on a server that is given: ${reason}]`;
  const skip = (...[name, run, timeoutMs]: Parameters<Declare>): void => {
    test.skip(told(name), run, timeoutMs);
  };
  const each = (...table: readonly unknown[]) => {
    const skipAll = (test.skip.each as (...cases: readonly unknown[]) => Declare)(...table);
    return (...[name, run, timeoutMs]: Parameters<Declare>): void => {
      skipAll(told(name), run, timeoutMs);
    };
  };
  return Object.assign(skip, { each: each as jest.Each }); // tables and templates alike are passed on
};
