import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Notice } from '../frame/notice';
import type { Operation } from '../http/answers';
import { read } from '../http/client';
import { isProblem } from '../http/problem';
import { instantOf } from './as-of';
import { PastList } from './past-list';
import { OF_THE_PAST } from './use-past';

type PastOperationProps = {
  readonly operationId: string;
  readonly asOf: string;
  readonly children: (operation: Operation) => ReactNode;
};

/** How far an operation was then. */
export const PastOperation = ({ operationId, asOf, children }: PastOperationProps) => {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['past', 'operation', operationId, asOf],
    queryFn: ({ signal }) => read<Operation>(`v1/operations/${operationId}`, { asOf }, signal),
    enabled: instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });
  const isUnknown = isProblem(error, 'operation-not-found');
  return (
    <PastList asOf={asOf} isReading={isFetching}>
      {isUnknown && (
        <div className="empty">
          <h2>It was not started yet</h2>
          <p>Go to a later moment.</p>
        </div>
      )}
      {error && !isUnknown && <Notice error={error} onRetry={() => void refetch()} />}
      {data && !error && children(data)}
    </PastList>
  );
};
