import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { DryRun, Operation, OperationItems, OperationPage } from '../http/answers';
import { readFresh, tryOut } from '../http/client';
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

/** The jobs of one, and what became of each; of many the page that is looked at with those before it. */
export const useItems = (operationId: string, outcome: string | undefined, isLive: boolean) => {
  const client = useQueryClient();
  // read anew once it has ended
  const queryKey = ['operations', 'items', operationId, outcome, isLive];
  const query = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      readFresh<OperationItems>(
        `v1/operations/${operationId}/items`,
        { outcome, limit: PAGE, cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    getPreviousPageParam: () => undefined, // cursors lead forward alone
    maxPages: KEPT_PAGES,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state: { data } }) =>
      isLive && (data?.pages.length ?? 0) <= LIVE_PAGES ? OPEN_LOOK_MS : false,
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
