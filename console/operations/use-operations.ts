import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { DryRun, Operation, OperationItems, OperationPage } from '../http/answers';
import { readFresh, tryOut } from '../http/client';
import { OF_THE_PAST } from '../past/use-past';
import { isOpen } from './words';

/** While something is to be done, and else. */
const OPEN_LOOK_MS = 1_000;
const LOOK_MS = 10_000;
const PAGE = '50';
/** Pages that are read again by themselves; beyond, one reads what has ended. */
const LIVE_PAGES = 2;
/** Pages of items that are kept: an operation has thousands, and nobody looks at all of them. */
const KEPT_PAGES = 10;

/** How far one is; looked at again each second until it has ended. */
export const useOperation = (operationId: string) =>
  useQuery({
    queryKey: ['operations', 'one', operationId],
    queryFn: ({ signal }) => readFresh<Operation>(`v1/operations/${operationId}`, {}, signal),
    refetchInterval: ({ state: { data } }) => (data && !isOpen(data) ? false : OPEN_LOOK_MS),
  });

export const useOperations = (ownerId: string | undefined) =>
  useInfiniteQuery({
    queryKey: ['operations', 'list', ownerId],
    queryFn: ({ pageParam, signal }) =>
      readFresh<OperationPage>('v1/operations', { ownerId, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: ({ state: { data } }) => {
      const pages = data?.pages ?? [];
      if (pages.length > LIVE_PAGES) return false;
      return pages.some(({ items }) => items.some(isOpen)) ? OPEN_LOOK_MS : LOOK_MS;
    },
  });

/**
 * The jobs of one, and what became of each; of many the page that is looked at with those before it.
 *
 * @param which  `asOf`: what had become of them by then
 */
export const useItems = (
  operationId: string,
  which: { readonly outcome: string | undefined; readonly asOf: string | undefined },
  isOpenNow: boolean,
) => {
  const client = useQueryClient();
  const isLive = isOpenNow && which.asOf === undefined;
  // read anew once it has ended
  const queryKey = ['operations', 'items', operationId, which, isLive];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      readFresh<OperationItems>(
        `v1/operations/${operationId}/items`,
        { ...which, limit: PAGE, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    getPreviousPageParam: () => undefined, // cursors lead forward alone
    maxPages: KEPT_PAGES,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      isLive && (data?.pages.length ?? 0) <= LIVE_PAGES ? OPEN_LOOK_MS : false,
    ...(which.asOf !== undefined && OF_THE_PAST),
  });
  return {
    ...query,
    /** Whether the first page is still there. */
    isFromFirst: query.data?.pageParams[0] === undefined,
    showFirst: (): void => void client.resetQueries({ queryKey, exact: true }),
  };
};

/** What an operation would be about now; nothing is asked as long as there is no body. */
export const useDryRun = (body: object | undefined) =>
  useQuery({
    queryKey: ['operations', 'dry-run', body],
    queryFn: ({ signal }) => tryOut<DryRun>('v1/operations', { ...body, dryRun: true }, signal),
    enabled: body !== undefined,
    staleTime: 0,
    gcTime: 0, // it was true at its moment
  });
