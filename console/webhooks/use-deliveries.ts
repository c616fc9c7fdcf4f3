import {
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from '@tanstack/react-query';
import type { Delivery, DeliveryPage } from '../http/answers';
import { read } from '../http/client';
import { LOOK_MS } from './use-webhooks';

/** One that is waited for is looked at more often. */
const WATCH_MS = 1_000;

export type DeliveryFilter = {
  readonly status: string | undefined;
  readonly jobId: string | undefined;
};

/** Everything that is kept of the deliveries of one webhook. */
export const listKey = (webhookId: string) => ['webhook', webhookId, 'deliveries'] as const;

type Pages = InfiniteData<DeliveryPage, string | undefined>;

const readPage = (
  webhookId: string,
  query: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<DeliveryPage> =>
  read<DeliveryPage>(`v1/webhooks/${webhookId}/deliveries`, query, signal);

/** Puts deliveries as they were just read into their places; no row moves. */
export const usePlaceDeliveries = (webhookId: string) => {
  const client = useQueryClient();
  return (read: readonly Delivery[]): void => {
    const byId = new Map(read.map((one) => [one.deliveryId, one]));
    client.setQueriesData<Pages>({ queryKey: [...listKey(webhookId), 'list'] }, (held) => {
      if (!held?.pages.some(({ items }) => items.some(({ deliveryId }) => byId.has(deliveryId))))
        return held;
      const pages = held.pages.map((page) => ({
        ...page,
        items: page.items.map((one) => byId.get(one.deliveryId) ?? one),
      }));
      return { ...held, pages };
    });
  };
};

/** Those that were there when it was looked at, and how many have come since. */
export const useDeliveries = (webhookId: string, { status, jobId }: DeliveryFilter) => {
  const place = usePlaceDeliveries(webhookId);
  const filter = { status, jobId };
  const list = useInfiniteQuery({
    queryKey: [...listKey(webhookId), 'list', filter],
    queryFn: ({ pageParam, signal }) =>
      readPage(webhookId, { ...filter, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    // an empty list has nothing that could move
    refetchInterval: ({ state }) => (state.data?.pages[0]?.items.length === 0 ? LOOK_MS : false),
  });
  const newest = useQuery({
    queryKey: [...listKey(webhookId), 'newest', filter],
    queryFn: async ({ signal }) => {
      const page = await readPage(webhookId, filter, signal);
      place(page.items);
      return page;
    },
    refetchInterval: LOOK_MS,
    enabled: list.isSuccess,
  });
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const known = new Set(items.map(({ deliveryId }) => deliveryId));
  const top = items[0]?.createdAt ?? '';
  const fresh = (newest.data?.items ?? []).filter(
    ({ deliveryId, createdAt }) => items.length > 0 && createdAt >= top && !known.has(deliveryId),
  ).length;
  return { list, items, fresh };
};

/** Looks at one that waits until it does no more. A test waits for nothing. */
export const useWatchDelivery = ({ webhookId, deliveryId, jobId, status }: Delivery): void => {
  const place = usePlaceDeliveries(webhookId);
  useQuery({
    queryKey: [...listKey(webhookId), 'watched', deliveryId],
    queryFn: async ({ signal }) => {
      const query = { jobId: jobId ?? undefined, limit: '200' };
      const { items } = await readPage(webhookId, query, signal);
      place(items);
      return null;
    },
    enabled: status === 'waiting' && jobId !== null,
    refetchInterval: WATCH_MS,
  });
};
