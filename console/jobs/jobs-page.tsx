import { lazy, useCallback, useState } from 'react';
import { useSearchParams } from 'react-router';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { apiUrl } from '../http/client';
import { sessionStore } from '../http/session';
import { serverNow } from '../time/clock';
import { count } from '../time/format';
import { useAsOf } from '../past/as-of';
import { useBulkChange } from './bulk-change';
import { DayStrip } from './day-strip';
import { filterIn, type Filter } from './filter';
import { JobRows } from './job-rows';
import { ListTools } from './list-tools';
import { MOST_NEW } from './new-jobs';
import { usePicking } from './picking';
import { StatusChips } from './status-chips';
import { useJobCounts, useJobList, type NewJobs } from './use-job-list';

const PastJobs = lazy(async () => ({ default: (await import('../past/past-jobs')).PastJobs }));

const curl = (key: string): string =>
  `curl ${apiUrl('v1/jobs')} -H "Authorization: Bearer ${key}" -H 'Content-Type: application/json' \\
  -d '{"name": "hello", "dueAt": "${new Date(serverNow() + 60_000).toISOString()}", "location": "print:"}'`;

/** The key is what this page signs in with: seen by nobody, and as short-lived. */
const CopyCurl = () => {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(curl(sessionStore.current()?.token ?? '$KEY'));
    setCopied(true);
  };
  return (
    <button type="button" className="link" onClick={() => void copy()}>
      {isCopied ? 'Copied' : 'Copy it with a key of this session filled in'}
    </button>
  );
};

const Empty = ({ filter }: { readonly filter: Filter }) => {
  const isFiltered = Object.keys(filter).length > 0;
  if (isFiltered)
    return (
      <div className="empty">
        <h2>No job fits</h2>
        <p>
          <Link to="/jobs">Show all jobs</Link>
        </p>
      </div>
    );
  return (
    <div className="empty">
      <h2>No job yet</h2>
      <p>
        <Link to="/jobs/new">Schedule one</Link>, or from a shell:
      </p>
      <pre>{curl('$KEY')}</pre>
      <p>
        <CopyCurl />
      </p>
    </div>
  );
};

const freshText = ({ count: many, isSure }: NewJobs): string => {
  if (many >= MOST_NEW) return `${count(MOST_NEW)}+ new`;
  return isSure ? `${count(many)} new` : `Up to ${count(many)} new`;
};

const PresentJobs = () => {
  const [search] = useSearchParams();
  const filter = filterIn(search);
  const { query, items, readAt, fresh, reload, isEmpty } = useJobList(filter);
  const counts = useJobCounts(filter);
  const picking = usePicking(items, JSON.stringify(filter));
  const change = useBulkChange({ filter, jobs: items, readAt, picking });
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const isOperator = sessionStore.current()?.role === 'operator';

  return (
    <>
      <title>Jobs · Punctual</title>
      <div className="head">
        <h1>Jobs</h1>
        <div className="actions">
          {change.button}
          <Link to="/jobs/new" className="button">
            Schedule a job <kbd aria-hidden>c</kbd>
          </Link>
        </div>
      </div>
      <StatusChips filter={filter} counts={counts.data} />
      {!(isEmpty && Object.keys(filter).length === 0) && <DayStrip filter={filter} />}
      <ListTools filter={filter} />
      {query.error && <Notice error={query.error} onRetry={() => void query.refetch()} />}
      <div className="fresh" aria-live="polite">
        {fresh.count > 0 && !isEmpty && (
          <button type="button" className="chip chip-fresh" onClick={reload}>
            {freshText(fresh)}
          </button>
        )}
      </div>
      {isEmpty && <Empty filter={filter} />}
      {items.length > 0 && (
        <JobRows
          jobs={items}
          hasMore={hasNextPage}
          isOwnerShown={isOperator}
          onMore={more}
          picking={picking}
        />
      )}
      {change.bar}
      {change.dialog}
    </>
  );
};

export const JobsPage = () => {
  const { asOf } = useAsOf();
  return asOf === undefined ? <PresentJobs /> : <PastJobs asOf={asOf} />;
};
