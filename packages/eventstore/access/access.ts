import type { FollowDeps } from '../core/follow';
import { unauthenticated } from '../wire/call-error';
import { aclCache } from './acl-cache';
import { holds, rightFor, type Action } from './acl';
import { openUsers, type User, type UserOptions } from './users';

/** Who may call, and what each may do. */
export type Access = {
  /**
   * The user of a call by its `authorization` header; undefined for a call without one.
   *
   * @throws CallError for credentials that are wrong
   */
  readonly userOf: (authorization: string | undefined) => Promise<User | undefined>;
  /** Answers at once when the ACL of the stream is known; rejects while storage is away. */
  readonly may: (
    user: User | undefined,
    action: Action,
    stream: string,
  ) => boolean | Promise<boolean>;
};

/**
 * Access as on a secured EventStoreDB: nobody without credentials, system streams and `$all` for admins,
 * all else by the `$acl` of a stream's metadata.
 *
 * @throws Error in a sentence when a name or a password cannot be used
 */
export const openAccess = async (
  options: readonly UserOptions[],
  deps: FollowDeps,
): Promise<Access> => {
  const users = await openUsers(options);
  const aclOf = aclCache(deps);
  return {
    userOf: async (authorization) => {
      if (authorization === undefined) return undefined;
      const user = await users.verify(authorization);
      if (!user) throw unauthenticated();
      return user;
    },
    may: (user, action, stream) => {
      if (!user) return false;
      if (user.isAdmin) return true;
      const { stream: owner, right } = rightFor(stream, action);
      const acl = aclOf(owner);
      return acl instanceof Promise
        ? acl.then((loaded) => holds(user, owner, right, loaded))
        : holds(user, owner, right, acl);
    },
  };
};
