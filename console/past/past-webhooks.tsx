import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useRowKeys } from '../frame/row-keys';
import type { ListedWebhook, WebhookPage } from '../http/answers';
import { read } from '../http/client';
import { instantOf } from './as-of';
import { PastRows } from './past-rows';
import { OF_THE_PAST } from './use-past';

type PastWebhooksProps = {
  readonly asOf: string;
  readonly rowId: (webhook: ListedWebhook) => string;
  readonly children: (items: readonly ListedWebhook[]) => ReactNode;
};

/** Which programs were told of what then. */
export const PastWebhooks = ({ asOf, rowId, children }: PastWebhooksProps) => {
  const query = useInfiniteQuery({
    queryKey: ['past', 'webhooks', asOf],
    queryFn: ({ pageParam, signal }) =>
      read<WebhookPage>('v1/webhooks', { asOf, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });
  useRowKeys(query.data?.pages.flatMap(({ items }) => items.map(rowId)) ?? []);
  return (
    <PastRows asOf={asOf} name="Webhooks" query={query} none="No webhook stood here then">
      {children}
    </PastRows>
  );
};
