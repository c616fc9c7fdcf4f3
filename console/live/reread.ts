import type { Query, QueryClient } from '@tanstack/react-query';
import type { Placed } from '../http/answers';

/** What the feed tells of; all else looks by itself for what is new. */
const FOLLOWED: ReadonlySet<unknown> = new Set(['jobs', 'job', 'schedules', 'schedule']);

export const isFollowed = ({ queryKey: [kind] }: Query): boolean => FOLLOWED.has(kind);

/** The past stays as it was read. */
export const isOfNow = ({ queryKey: [kind] }: Query): boolean => kind !== 'past';

type Part = Placed<object>;

/** Whether an answer, or each of its pages, says that it has every change up to a position. */
const hasAllUpTo = (data: unknown, position: bigint): boolean => {
  if (typeof data !== 'object' || data === null) return false;
  const parts = 'pages' in data ? (data.pages as readonly Part[]) : [data as Part]; // as they were read
  return parts.every(({ upTo }) => upTo !== undefined && upTo >= position);
};

/**
 * Reads again what was asked for before now, and nothing that is asked for later. What is on its way for the first time
 * is shown as it comes and then asked for once more: the server may have read it before.
 *
 * @param position  what says that it has all up to here is not read again
 */
export const rereadOlder = async (
  client: QueryClient,
  isMeant: (query: Query) => boolean,
  position?: bigint,
): Promise<void> => {
  const older = client.getQueryCache().findAll({ predicate: isMeant });
  const again = async (query: Query): Promise<void> => {
    // one that has no data yet is not begun anew while it is under way
    if (query.state.data === undefined) await query.promise?.catch(() => undefined);
    if (position !== undefined && hasAllUpTo(query.state.data, position)) return;
    await client.invalidateQueries({ queryKey: query.queryKey, exact: true });
  };
  await Promise.all(older.map(again));
};
