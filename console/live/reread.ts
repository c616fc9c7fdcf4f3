import type { Query, QueryClient } from '@tanstack/react-query';

/** What the feed tells of; all else looks by itself for what is new. */
const FOLLOWED: ReadonlySet<unknown> = new Set(['jobs', 'job', 'schedules', 'schedule']);

export const isFollowed = ({ queryKey: [kind] }: Query): boolean => FOLLOWED.has(kind);

/** The past stays as it was read. */
export const isOfNow = ({ queryKey: [kind] }: Query): boolean => kind !== 'past';

/**
 * Reads again what was asked for before now, and nothing that is asked for later. What is on its way for the first time
 * is shown as it comes and then asked for once more: the server may have read it before.
 */
export const rereadOlder = async (
  client: QueryClient,
  isMeant: (query: Query) => boolean,
): Promise<void> => {
  const older = client.getQueryCache().findAll({ predicate: isMeant });
  const again = async (query: Query): Promise<void> => {
    // one that has no data yet is not begun anew while it is under way
    if (query.state.data === undefined) await query.promise?.catch(() => undefined);
    await client.invalidateQueries({ queryKey: query.queryKey, exact: true });
  };
  await Promise.all(older.map(again));
};
