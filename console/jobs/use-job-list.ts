import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
  type InfiniteData,
} from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Job, JobCounts, JobPage } from '../http/answers';
import { readPlaced } from '../http/client';
import { readHearing } from '../live/changes';
import { useLive } from '../live/live';
import { serverNow } from '../time/clock';
import type { Filter } from './filter';
import { comeAfter, type Come, type Shown } from './new-jobs';

const PAGE = '50';
/** How far the read model is behind is asked again, also while nothing happens. */
const LOOK_MS = 10_000;

export type NewJobs = { readonly count: number; readonly isSure: boolean };
const NONE: Come = new Map();

/** Jobs that have come into the part of the list that was read, since it was. */
const useNewJobs = (filter: Filter, shown: Shown): readonly [NewJobs, () => void] => {
  const { subscribe } = useLive();
  const [round, setRound] = useState(0);
  // what was counted for one list says nothing of another
  const list = `${round} ${JSON.stringify(filter)}`;
  const [counted, setCounted] = useState({ list, come: NONE });
  const current = useRef({ filter, shown });
  useEffect(() => {
    current.current = { filter, shown };
  });
  useEffect(
    () =>
      subscribe((changes) =>
        setCounted((before) => {
          const { filter: asked, shown: seen } = current.current;
          const known = before.list === list ? before.come : NONE;
          const come = comeAfter(known, changes.values(), asked, seen);
          return come === before.come ? before : { list, come };
        }),
      ),
    [subscribe, list],
  );
  const come = counted.list === list ? counted.come : NONE;
  // one that came while the list was being read is on it already
  const sure = [...come].filter(([jobId]) => !shown.has(jobId)).map(([, isSure]) => isSure);
  return [
    { count: sure.length, isSure: !sure.includes(false) },
    () => setRound((before) => before + 1),
  ];
};

export const useJobCounts = ({ status: _, ...rest }: Filter) =>
  useQuery({
    queryKey: ['jobs', 'counts', rest],
    queryFn: ({ signal }) => readPlaced<JobCounts>('v1/jobs/counts', rest, signal),
    refetchInterval: LOOK_MS,
    placeholderData: keepPreviousData,
  });

/** When it was asked for, on the server's clock. */
type ReadPage = JobPage & { readonly readAt: number };

export const useJobList = (filter: Filter) => {
  const client = useQueryClient();
  const { subscribe } = useLive();
  const queryKey = ['jobs', 'list', filter];
  const query = useInfiniteQuery<
    ReadPage,
    Error,
    InfiniteData<ReadPage, string | undefined>,
    readonly unknown[],
    string | undefined
  >({
    queryKey,
    queryFn: async ({ pageParam, signal }) => {
      const readAt = serverNow();
      const page = await readHearing(subscribe, () =>
        readPlaced<JobPage>('v1/jobs', { ...filter, limit: PAGE, cursor: pageParam }, signal),
      );
      return { ...page, readAt };
    },
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
  return { query, items, readAt: data?.pages[0]?.readAt, fresh, reload, isEmpty };
};
