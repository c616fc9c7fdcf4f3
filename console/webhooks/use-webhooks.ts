import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Webhook, WebhookPage } from '../http/answers';
import { read, readFresh } from '../http/client';

/** Nothing tells of deliveries: they are looked at. */
export const LOOK_MS = 5_000;

export const useWebhooks = () =>
  useInfiniteQuery({
    queryKey: ['webhooks'],
    queryFn: ({ pageParam, signal }) =>
      readFresh<WebhookPage>('v1/webhooks', { cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    refetchInterval: LOOK_MS,
  });

/** As the log has it, which is never behind. */
export const useWebhook = (webhookId: string) =>
  useQuery({
    queryKey: ['webhook', webhookId],
    queryFn: ({ signal }) => read<Webhook>(`v1/webhooks/${webhookId}`, {}, signal),
    refetchInterval: LOOK_MS,
  });

/** After a change of ours: shown as the answer has it, and lists are read again. */
export const useShowWebhook = () => {
  const client = useQueryClient();
  return async (webhookId: string): Promise<void> => {
    void client.invalidateQueries({ queryKey: ['webhooks'] });
    await client.invalidateQueries({ queryKey: ['webhook', webhookId], exact: true });
  };
};
