import type { Signer } from '../../domain/signer';
import type { Instant } from '../../domain/time';
import { refuse, type Parsed } from './problem';
import type { Call } from './route';

/** A place in a list that goes by time and, of one time, by id. */
export type PageKey = { readonly at: Instant; readonly id: string };

export type Cursors = {
  /** `scope` says whose list it is and what it is filtered by; the next page begins after `key`. */
  readonly write: (scope: string, key: PageKey) => string;
  /** Undefined for a cursor that we did not write for this very scope. */
  readonly read: (scope: string, cursor: string) => PageKey | undefined;
};

const keyOf = (cursor: string): PageKey | undefined => {
  const [place = ''] = cursor.split('.');
  const [at = '', id = ''] = Buffer.from(place, 'base64url').toString().split(' ');
  const isKey = /^-?\d{1,15}$/.test(at) && /^[\w-]{1,36}$/.test(id);
  return isKey ? { at: Number(at), id } : undefined;
};

/** Cursors that nobody can make up, change, or carry over to another list. */
export const signedCursors = ({ sign, isSignature }: Signer): Cursors => {
  const textOf = (scope: string, place: string): string => JSON.stringify(['cursor', scope, place]);
  return {
    write: (scope, { at, id }) => {
      const place = `${at} ${id}`;
      return `${Buffer.from(place).toString('base64url')}.${sign(textOf(scope, place))}`;
    },
    read: (scope, cursor) => {
      const key = keyOf(cursor);
      if (!key) return undefined;
      const place = `${key.at} ${key.id}`;
      const given = cursor.slice(cursor.indexOf('.') + 1);
      // base64url has several spellings of the same bytes: ours is one of them
      const isOurs = cursor === `${Buffer.from(place).toString('base64url')}.${given}`;
      return isOurs && isSignature(textOf(scope, place), given) ? key : undefined;
    },
  };
};

/** Where a page begins that is asked for, and how the place is written where the next one begins. */
export type Paging = {
  readonly after?: PageKey;
  readonly write: (key: PageKey) => string;
};

/** `?cursor=` of a list. @param scope  says which list it is, whose, and what it is filtered by */
export const pagingOf = (
  { query }: Call,
  cursors: Cursors,
  scope: readonly unknown[],
): Parsed<Paging> => {
  const text = JSON.stringify(scope);
  const write = (key: PageKey): string => cursors.write(text, key);
  const [cursor, another] = query.getAll('cursor');
  if (cursor === undefined) return { value: { write } };
  const after = another === undefined ? cursors.read(text, cursor) : undefined;
  return after ? { value: { after, write } } : refuse('bad-cursor');
};
