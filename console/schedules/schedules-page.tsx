import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import { Link } from '../frame/link';
import { Notice } from '../frame/notice';
import { useRowKeys } from '../frame/row-keys';
import type { ListedSchedule, SchedulePage } from '../http/answers';
import { readFresh } from '../http/client';
import { useWindow } from '../jobs/use-window';
import { instantOf, sameMoment, useAsOf } from '../past/as-of';
import { PastList } from '../past/past-list';
import { OF_THE_PAST } from '../past/use-past';
import { RowTime } from '../time/row-time';
import { timingText } from './timing';
import { LOOK_MS } from './use-schedule';

const ROW_PX = 48;
const COLUMNS = ['Schedule', 'Next', 'Status', 'Rule', 'Zone'] as const;
const STATUSES = ['active', 'paused', 'completed', 'stopped', 'deleted'] as const;

const rowId = ({ scheduleId }: ListedSchedule): string => `schedule-${scheduleId}`;

const Row = ({ schedule, top }: { readonly schedule: ListedSchedule; readonly top: number }) => {
  const { search } = useLocation();
  const { scheduleId, name, status, nextDueAt, timing, timeZone, job } = schedule;
  return (
    <div role="row" className="row row-schedule" style={{ transform: `translateY(${top}px)` }}>
      <div role="cell" className="cell-name">
        <Link id={rowId(schedule)} to={`/schedules/${scheduleId}${sameMoment(search)}`} dir="auto">
          {name}
        </Link>
        <span className="under">{job.queue ?? 'default'}</span>
      </div>
      <div role="cell" className="cell-due">
        {nextDueAt === null ? '–' : <RowTime at={nextDueAt} />}
      </div>
      <div role="cell" className="cell-status">
        <span className={`status status-${status}`}>{status}</span>
      </div>
      <div role="cell" className="cell-standing">
        <code>{timingText(timing)}</code>
      </div>
      <div role="cell" className="cell-tags soft">
        {timeZone}
      </div>
    </div>
  );
};

const useSchedules = (
  status: string | undefined,
  q: string | undefined,
  asOf: string | undefined,
) =>
  useInfiniteQuery({
    queryKey:
      asOf === undefined
        ? ['schedules', { status, q }]
        : ['past', 'schedules', asOf, { status, q }],
    queryFn: ({ pageParam, signal }) =>
      readFresh<SchedulePage>('v1/schedules', { status, q, asOf, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    ...(asOf === undefined
      ? { refetchInterval: LOOK_MS }
      : { ...OF_THE_PAST, enabled: instantOf(asOf) !== undefined }),
  });

export const SchedulesPage = () => {
  const [search] = useSearchParams();
  const status = search.get('status') ?? undefined;
  const q = search.get('q') ?? undefined;
  const { asOf } = useAsOf();
  const query = useSchedules(status, q, asOf);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = query;
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const { list, from, to } = useWindow(items.length, ROW_PX);
  useRowKeys(items.map(rowId));
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && to >= items.length) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, to, items.length, fetchNextPage]);
  const chip = (name: string, value: string | undefined) => (
    <Link
      key={name}
      className="chip"
      to={{
        search: new URLSearchParams({
          ...(value && { status: value }),
          ...(q && { q }),
          ...(asOf !== undefined && { asOf }),
        }).toString(),
      }}
      aria-current={status === value ? 'true' : undefined}
    >
      {name}
    </Link>
  );

  const page = (
    <>
      <title>Schedules · Punctual</title>
      <div className="head">
        <h1>Schedules</h1>
        {asOf === undefined && (
          <Link to="/schedules/new" className="button">
            New schedule <kbd aria-hidden>c</kbd>
          </Link>
        )}
      </div>
      <nav className="chips" aria-label="Schedules by status">
        {chip('All', undefined)}
        {STATUSES.map((one) => chip(one.charAt(0).toUpperCase() + one.slice(1), one))}
      </nav>
      {error && <Notice error={error} onRetry={() => void refetch()} />}
      {data && !query.isPlaceholderData && items.length === 0 && (
        <div className="empty">
          <h2>{status || q || asOf ? 'No schedule fits' : 'No schedule yet'}</h2>
          <p>
            <Link to="/schedules/new">Make one</Link>: see what its rule means before you keep it.
          </p>
        </div>
      )}
      {items.length > 0 && (
        <div role="table" aria-label="Schedules" className="panel rows">
          <div role="row" className="row row-head row-schedule">
            {COLUMNS.map((column) => (
              <div role="columnheader" key={column}>
                {column}
              </div>
            ))}
          </div>
          <div
            role="rowgroup"
            ref={list}
            className="rows-body"
            style={{ height: `${items.length * ROW_PX}px` }}
          >
            {items.slice(from, to).map((schedule, at) => (
              <Row key={schedule.scheduleId} schedule={schedule} top={(from + at) * ROW_PX} />
            ))}
          </div>
        </div>
      )}
    </>
  );
  if (asOf === undefined) return page;
  return (
    <PastList asOf={asOf} isReading={query.isFetching}>
      {page}
    </PastList>
  );
};
