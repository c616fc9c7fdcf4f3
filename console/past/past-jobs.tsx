import { useCallback, useState } from 'react';
import { useSearchParams } from 'react-router';
import { Notice } from '../frame/notice';
import { sessionStore } from '../http/session';
import { filterIn } from '../jobs/filter';
import { JobRows } from '../jobs/job-rows';
import { Narrowing } from '../jobs/narrowing';
import { StatusChips } from '../jobs/status-chips';
import { dayAndTime } from '../time/format';
import { useZone } from '../time/zone';
import { instantOf, useAsOf } from './as-of';
import { PastFrame } from './past-frame';
import { TimeControl } from './time-control';
import { usePastJobs } from './use-past';

const NoTime = () => (
  <p className="notice" role="alert">
    <b>This address names no time.</b> Lists go back by time: choose one above.
  </p>
);

/** The list of jobs as it stood then. */
export const PastJobs = ({ asOf }: { readonly asOf: string }) => {
  const [search] = useSearchParams();
  const { zone } = useZone();
  const { goTo } = useAsOf();
  const [openedAt] = useState(Date.now);
  const filter = filterIn(search);
  const at = instantOf(asOf);
  const query = usePastJobs(at === undefined ? undefined : asOf, filter);
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const isNone = data !== undefined && !query.isPlaceholderData && items.length === 0;

  return (
    <>
      <title>Jobs as they stood · Punctual</title>
      <PastFrame
        title={at === undefined ? 'The past' : `As it stood on ${dayAndTime(at, zone)}`}
        control={<TimeControl at={at ?? openedAt} onPick={goTo} />}
        isReading={query.isFetching}
        then={at}
      >
        <div className="head">
          <h1>Jobs</h1>
        </div>
        <StatusChips filter={filter} counts={undefined} />
        <div className="chips">
          <Narrowing filter={filter} />
        </div>
        {at === undefined && <NoTime />}
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
      </PastFrame>
    </>
  );
};
