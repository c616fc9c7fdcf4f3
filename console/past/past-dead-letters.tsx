import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import type { DeadLetters } from '../http/answers';
import { read } from '../http/client';
import { Narrowing } from '../jobs/narrowing';
import { instantOf } from './as-of';
import { PastList } from './past-list';
import { OF_THE_PAST } from './use-past';

type PastDeadLettersProps = {
  readonly asOf: string;
  readonly children: (found: DeadLetters) => ReactNode;
};

/** Jobs that had failed for good by then, by what they failed of. */
export const PastDeadLetters = ({ asOf, children }: PastDeadLettersProps) => {
  const [search] = useSearchParams();
  const ownerId = search.get('ownerId') ?? undefined;
  const query = useQuery({
    queryKey: ['past', 'dead-letters', asOf, ownerId],
    queryFn: ({ signal }) => read<DeadLetters>('v1/dead-letters', { asOf, ownerId }, signal),
    enabled: instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });
  const { data, error } = query;
  return (
    <PastList asOf={asOf} isReading={query.isFetching}>
      <title>Dead letters as they stood · Punctual</title>
      <div className="head">
        <h1>Dead letters</h1>
      </div>
      <div className="chips">
        <Narrowing filter={ownerId === undefined ? {} : { ownerId }} />
      </div>
      {error && <Notice error={error} onRetry={() => void query.refetch()} />}
      {data && !query.isPlaceholderData && data.causes.length === 0 && (
        <div className="empty">
          <h2>There were no dead letters then</h2>
          <p>Go to a later moment.</p>
        </div>
      )}
      {data && !error && data.causes.length > 0 && children(data)}
    </PastList>
  );
};
