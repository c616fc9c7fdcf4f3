import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { useRowKeys } from '../frame/row-keys';
import type { Operation, OperationPage } from '../http/answers';
import { read } from '../http/client';
import { Narrowing } from '../jobs/narrowing';
import { instantOf } from './as-of';
import { PastRows } from './past-rows';
import { OF_THE_PAST } from './use-past';

const usePastOperations = (asOf: string, ownerId: string | undefined) =>
  useInfiniteQuery({
    queryKey: ['past', 'operations', asOf, ownerId],
    queryFn: ({ pageParam, signal }) =>
      read<OperationPage>('v1/operations', { asOf, ownerId, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });

type PastOperationsProps = {
  readonly asOf: string;
  readonly rowId: (operation: Operation) => string;
  readonly children: (items: readonly Operation[]) => ReactNode;
};

/** Changes of many jobs as they stood then, with how far each was. */
export const PastOperations = ({ asOf, rowId, children }: PastOperationsProps) => {
  const [search] = useSearchParams();
  const ownerId = search.get('ownerId') ?? undefined;
  const query = usePastOperations(asOf, ownerId);
  useRowKeys(query.data?.pages.flatMap(({ items }) => items.map(rowId)) ?? []);
  return (
    <PastRows
      asOf={asOf}
      name="Operations"
      query={query}
      none="No operation stood here then"
      narrowing={<Narrowing filter={ownerId === undefined ? {} : { ownerId }} />}
    >
      {children}
    </PastRows>
  );
};
