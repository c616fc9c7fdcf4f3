import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Job, JobCounts, JobPage } from '../http/answers';
import { readFresh } from '../http/client';
import { readHearing } from '../live/changes';
import { useLive } from '../live/live';
import { takes, type Filter } from './filter';

const PAGE = '50';
/** How far the read model is behind is asked again, also while nothing happens. */
const LOOK_MS = 10_000;

export type NewJobs = { readonly count: number; readonly isSure: boolean };
const NONE: NewJobs = { count: 0, isSure: true };

/** What a list shows: its jobs, and how far down it was read. */
type Shown = {
  readonly has: (jobId: string) => boolean;
  /** The earliest due time on it; undefined when there is nothing below. */
  readonly downTo: number | undefined;
};

/** Jobs that have come into the part of the list that was read, since it was. */
const useNewJobs = (filter: Filter, shown: Shown): readonly [NewJobs, () => void] => {
  const { subscribe } = useLive();
  const [found, setFound] = useState(NONE);
  const seen = useRef(new Set<string>());
  const current = useRef({ filter, shown });
  useEffect(() => {
    current.current = { filter, shown };
  });
  useEffect(
    () =>
      subscribe((changes) => {
        const { has, downTo } = current.current.shown;
        let isSure = true;
        for (const change of changes.values()) {
          seen.current.delete(change.jobId);
          const isBelow = downTo !== undefined && Date.parse(change.dueAt) < downTo;
          if (isBelow || has(change.jobId)) continue;
          const isTaken = takes(current.current.filter, change);
          if (isTaken === false) continue;
          if (isTaken === 'maybe') isSure = false;
          seen.current.add(change.jobId);
        }
        setFound((before) => {
          const count = seen.current.size;
          if (count === before.count) return before;
          return { count, isSure: isSure && (before.count === 0 || before.isSure) };
        });
      }),
    [subscribe],
  );
  return [
    found,
    () => {
      seen.current.clear();
      setFound(NONE);
    },
  ];
};

export const useJobCounts = ({ status: _, ...rest }: Filter) =>
  useQuery({
    queryKey: ['jobs', 'counts', rest],
    queryFn: ({ signal }) => readFresh<JobCounts>('v1/jobs/counts', rest, signal),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
  });

export const useJobList = (filter: Filter) => {
  const client = useQueryClient();
  const { subscribe } = useLive();
  const queryKey = ['jobs', 'list', filter];
  const query = useInfiniteQuery<
    JobPage,
    Error,
    InfiniteData<JobPage, string | undefined>,
    readonly unknown[],
    string | undefined
  >({
    queryKey,
    queryFn: ({ pageParam, signal }) =>
      readHearing(subscribe, () =>
        readFresh<JobPage>('v1/jobs', { ...filter, limit: PAGE, cursor: pageParam }, signal),
      ),
    initialPageParam: undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    staleTime: Infinity, // changes come by the live feed, which marks the lists that are not shown
  });
  const { data } = query;
  const { items, ids } = useMemo(() => {
    const all = new Map<string, Job>();
    // a job that was moved between two pages may be on both
    for (const page of data?.pages ?? []) for (const job of page.items) all.set(job.jobId, job);
    return { items: [...all.values()], ids: all };
  }, [data]);
  const last = query.hasNextPage ? items.at(-1) : undefined;
  const [fresh, forget] = useNewJobs(filter, {
    has: (jobId) => ids.has(jobId),
    downTo: last && Date.parse(last.dueAt),
  });

  /** Reads the list from its beginning. */
  const reload = (): void => {
    forget();
    void client.resetQueries({ queryKey, exact: true });
  };
  const isEmpty = query.isSuccess && items.length === 0;
  useEffect(() => {
    if (isEmpty && fresh.count > 0) reload(); // nothing can move under the pointer
  });
  return { query, items, fresh, reload, isEmpty };
};
