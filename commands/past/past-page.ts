/** What is looked at in one go, and streams that are read at once. */
const KEYS = 64;
const READS_AT_ONCE = 8;

export type PastPageDeps<Key, Made extends Key, Found> = {
  /** What was ever made, in the order of the list; each has its place in that. */
  readonly made: (page: {
    readonly limit: number;
    readonly after?: Key;
  }) => Promise<readonly Made[]>;
  /** Those of these that belong on the list as it stood then. */
  readonly listed: (made: readonly Made[]) => Promise<readonly Found[]>;
  readonly keyOf: (found: Found) => Key;
};

export type PastPageRequest<Key> = {
  /** Absent: all of them on one page. */
  readonly limit?: number;
  readonly after?: Key | undefined;
  readonly signal: AbortSignal;
};

export type PastPage<Key, Found> = { readonly items: readonly Found[]; readonly next?: Key };

/**
 * A page of a list as it stood then. When a thing was made does not change, so the list of today has all of them in
 * that order, and each is folded from its stream until a page is full.
 *
 * @throws what the calls throw, or the reason of an aborted `signal`
 */
export const pastPage = async <Key, Made extends Key, Found>(
  { made, listed, keyOf }: PastPageDeps<Key, Made, Found>,
  { limit = Infinity, after: first, signal }: PastPageRequest<Key>,
): Promise<PastPage<Key, Found>> => {
  const found: Found[] = [];
  /** @returns whether there are more than a page has */
  const look = async (keys: readonly Made[]): Promise<boolean> => {
    for (let at = 0; at < keys.length && found.length <= limit; at += READS_AT_ONCE) {
      signal.throwIfAborted();
      found.push(...(await listed(keys.slice(at, at + READS_AT_ONCE))));
    }
    return found.length > limit;
  };
  let after: Key | undefined = first;
  for (;;) {
    const keys = await made({ limit: KEYS, ...(after && { after }) });
    const isFull = await look(keys);
    const last = found[limit - 1];
    if (isFull && last) return { items: found.slice(0, limit), next: keyOf(last) };
    if (keys.length < KEYS) return { items: found };
    after = keys.at(-1);
  }
};
