import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import { sessionStore } from '../http/session';
import { filterIn } from '../jobs/filter';
import { JobRows } from '../jobs/job-rows';
import { Narrowing } from '../jobs/narrowing';
import { StatusChips } from '../jobs/status-chips';
import { PastList } from './past-list';
import { usePastJobs } from './use-past';

/** The list of jobs as it stood then. */
export const PastJobs = ({ asOf }: { readonly asOf: string }) => {
  const [search] = useSearchParams();
  const filter = filterIn(search);
  const query = usePastJobs(asOf, filter);
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const isNone = data !== undefined && !query.isPlaceholderData && items.length === 0;

  return (
    <>
      <title>Jobs as they stood · Punctual</title>
      <PastList asOf={asOf} isReading={query.isFetching}>
        <div className="head">
          <h1>Jobs</h1>
        </div>
        <StatusChips filter={filter} counts={undefined} />
        <div className="chips">
          <Narrowing filter={filter} />
        </div>
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
      </PastList>
    </>
  );
};
