import type { FollowDeps } from '../core/follow';
import { isMetastream, originalStreamOf } from '../core/stream-metadata';
import { parseAcl, type StreamAcl } from './acl';

/** Streams whose ACL is kept, most of them with none. */
const capacity = 50_000;

/** Gives an ACL at once when it is known. */
export type AclOf = (stream: string) => StreamAcl | Promise<StreamAcl>;

/** The ACLs of the streams used of late; one that changes in the log is forgotten before its writer is answered. */
export const aclCache = ({ reader, tail }: FollowDeps): AclOf => {
  const acls = new Map<string, StreamAcl | Promise<StreamAcl>>();
  let seen = tail.lastSequence();

  tail.listen(() => {
    const end = tail.lastSequence();
    while (seen !== end) {
      const page = end < seen ? undefined : tail.read(seen + 1, end - seen);
      // the log was read again, or memory no longer has what changed
      if (!page?.length) acls.clear();
      for (const { stream } of page ?? [])
        if (isMetastream(stream)) acls.delete(originalStreamOf(stream));
      seen = page?.at(-1)?.sequence ?? end;
    }
  });

  const load = async (stream: string): Promise<StreamAcl> => {
    const head = (await reader.heads([stream])).get(stream);
    return parseAcl(head?.metadata.fields ?? {});
  };

  return (stream) => {
    const known = acls.get(stream);
    if (known) return known;
    const [oldest] = acls.keys();
    if (acls.size >= capacity && oldest !== undefined) acls.delete(oldest);
    const loading = load(stream);
    acls.set(stream, loading);
    const replace = (acl: StreamAcl | undefined): void => {
      if (acls.get(stream) !== loading) return; // it changed meanwhile
      if (acl) acls.set(stream, acl);
      else acls.delete(stream);
    };
    loading.then(replace, () => replace(undefined));
    return loading;
  };
};
