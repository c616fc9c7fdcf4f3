import { isMetastream, originalStreamOf } from '../core/stream-metadata';
import type { User } from './users';

export type Action = 'read' | 'write' | 'delete';

/** The fields of `$acl` in a stream's metadata. */
type Right = '$r' | '$w' | '$d' | '$mr' | '$mw';

/** Everybody who may call at all. */
const everybody = '$all';
const admins = '$admins';

/** The stream that a read of the whole log is judged as. */
export const allStream = '$all';

/** Roles by right; a right that is not named has the default of its kind of stream. */
export type StreamAcl = Readonly<Partial<Record<Right, readonly string[]>>>;

const rights: readonly Right[] = ['$r', '$w', '$d', '$mr', '$mw'];

/** Stand for the defaults by name, wherever the stream is. */
const namedAcls: Readonly<Record<string, string>> = {
  $userStreamAcl: everybody,
  $systemStreamAcl: admins,
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A role or a list of them; what is neither lets nobody but admins in. */
const rolesOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter(
    (role): role is string => typeof role === 'string',
  );

/** Reads `$acl` from the fields of a stream's metadata. */
export const parseAcl = (fields: Readonly<Record<string, unknown>>): StreamAcl => {
  const acl = fields['$acl'];
  const everyRight = typeof acl === 'string' ? namedAcls[acl] : undefined;
  if (everyRight !== undefined)
    return Object.fromEntries(rights.map((right) => [right, [everyRight]]));
  if (!isRecord(acl)) return {};
  const named = rights.filter((right) => acl[right] !== undefined && acl[right] !== null);
  return Object.fromEntries(named.map((right) => [right, rolesOf(acl[right])]));
};

/** Whose ACL decides on an action, and which of its rights: a metastream goes by that of its stream. */
export const rightFor = (
  stream: string,
  action: Action,
): { readonly stream: string; readonly right: Right } => {
  if (isMetastream(stream))
    return { stream: originalStreamOf(stream), right: action === 'read' ? '$mr' : '$mw' };
  const own = { read: '$r', write: '$w', delete: '$d' } as const;
  return { stream, right: own[action] };
};

const isSystemStream = (stream: string): boolean => stream.startsWith('$');

/** Whether a user holds a right on a stream; admins hold all. */
export const holds = (user: User, stream: string, right: Right, acl: StreamAcl): boolean => {
  if (user.isAdmin) return true;
  const roles = acl[right] ?? [isSystemStream(stream) ? admins : everybody];
  return roles.includes(everybody) || roles.includes(user.name);
};
