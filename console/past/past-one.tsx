import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Notice } from '../frame/notice';
import { read } from '../http/client';
import { isProblem } from '../http/problem';
import { instantOf } from './as-of';
import { PastList } from './past-list';
import { OF_THE_PAST } from './use-past';

type PastOneProps<One> = {
  readonly asOf: string;
  /** Where the API has it. */
  readonly path: string;
  /** What the API says where it was not there. */
  readonly unknown: string;
  /** What to say then. */
  readonly none: string;
  readonly children: (one: One) => ReactNode;
};

/** Something by its path as it stood then, with the way to other times. */
export const PastOne = <One,>({ asOf, path, unknown, none, children }: PastOneProps<One>) => {
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['past', 'one', path, asOf],
    queryFn: ({ signal }) => read<One>(path, { asOf }, signal),
    enabled: instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });
  const isUnknown = isProblem(error, unknown);
  return (
    <PastList asOf={asOf} isReading={isFetching}>
      {isUnknown && (
        <div className="empty">
          <h2>{none}</h2>
          <p>Go to another moment.</p>
        </div>
      )}
      {error && !isUnknown && <Notice error={error} onRetry={() => void refetch()} />}
      {data && !error && children(data)}
    </PastList>
  );
};
