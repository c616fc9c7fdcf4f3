import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import { sessionStore } from '../http/session';
import { filterIn } from '../jobs/filter';
import { JobRows } from '../jobs/job-rows';
import { Narrowing } from '../jobs/narrowing';
import { StatusChips } from '../jobs/status-chips';
import { DifferenceChoice, ListDifference } from './list-difference';
import { PastList } from './past-list';
import { useListDifference } from './use-list-difference';
import { usePastCounts, usePastJobs } from './use-past';

type ListProps = { readonly query: ReturnType<typeof usePastJobs> };

const List = ({ query }: ListProps) => {
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const isNone = data !== undefined && !query.isPlaceholderData && items.length === 0;

  return (
    <>
      {error && <Notice error={error} onRetry={() => void query.refetch()} />}
      {isNone && (
        <div className="empty">
          <h2>No job stood here then</h2>
          <p>Go to a later moment, or take a filter away.</p>
        </div>
      )}
      {!error && items.length > 0 && (
        <JobRows
          jobs={items}
          hasMore={hasNextPage}
          isOwnerShown={sessionStore.current()?.role === 'operator'}
          onMore={more}
        />
      )}
    </>
  );
};

/** The list of jobs as it stood then, or in what it differs from another moment. */
export const PastJobs = ({ asOf }: { readonly asOf: string }) => {
  const [search] = useSearchParams();
  const filter = filterIn(search);
  const other = search.get('with') ?? undefined;
  const list = usePastJobs(asOf, filter, other === undefined);
  const counts = usePastCounts(asOf, filter, other === undefined);
  const difference = useListDifference(asOf, other, filter, search.get('change') ?? undefined);
  const query = other === undefined ? list : difference;

  return (
    <>
      <title>Jobs as they stood · Punctual</title>
      <PastList asOf={asOf} isReading={query.isFetching}>
        <div className="head">
          <h1>Jobs</h1>
          <div className="actions">
            <DifferenceChoice />
          </div>
        </div>
        <StatusChips filter={filter} counts={counts.isPlaceholderData ? undefined : counts.data} />
        <div className="chips">
          <Narrowing filter={filter} />
        </div>
        {other === undefined ? (
          <List query={list} />
        ) : (
          <ListDifference {...{ asOf, filter }} query={difference} />
        )}
      </PastList>
    </>
  );
};
