import {
  keepPreviousData,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { Occurrence, OccurrencePage, Schedule, ScheduleStory } from '../http/answers';
import { read, readFresh } from '../http/client';
import { serverNow } from '../time/clock';

/** How far back the list of occurrences begins. */
const BACK_MS = 24 * 60 * 60_000;
/** The live feed tells of jobs alone: what others change of schedules is looked for. */
export const LOOK_MS = 10_000;

/** Its runs and its story are read again when somebody else has changed it. */
const useOthersChange = (scheduleId: string, revision: number | undefined): void => {
  const client = useQueryClient();
  const known = useRef(revision);
  useEffect(() => {
    const isChanged = known.current !== undefined && known.current !== revision;
    known.current = revision;
    if (!isChanged) return;
    void client.invalidateQueries({
      predicate: ({ queryKey: [kind, id, part] }) =>
        kind === 'schedule' && id === scheduleId && part !== undefined,
    });
  }, [client, scheduleId, revision]);
};

/** Read again, all of it, by the live feed: its runs are jobs. */
export const useSchedule = (scheduleId: string) => {
  const query = useQuery({
    queryKey: ['schedule', scheduleId],
    queryFn: ({ signal }) => readFresh<Schedule>(`v1/schedules/${scheduleId}`, {}, signal),
    refetchInterval: LOOK_MS,
  });
  useOthersChange(scheduleId, query.data?.revision);
  return query;
};

export const useScheduleStory = (scheduleId: string) =>
  useQuery({
    queryKey: ['schedule', scheduleId, 'story'],
    queryFn: ({ signal }) =>
      read<ScheduleStory>(`v1/schedules/${scheduleId}/story`, { limit: '20' }, signal),
  });

/** @param window  since yesterday where there is none */
export const useOccurrences = (
  scheduleId: string,
  window?: { readonly from: string; readonly to: string },
) => {
  const [yesterday] = useState(() => new Date(serverNow() - BACK_MS).toISOString());
  const { from = yesterday, to } = window ?? {};
  return useInfiniteQuery({
    queryKey: ['schedule', scheduleId, 'occurrences', from, to],
    queryFn: ({ pageParam, signal }) =>
      readFresh<OccurrencePage>(
        `v1/schedules/${scheduleId}/occurrences`,
        { from, to, limit: '30', cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
};

const MONTH_PAGES = 4;

/** The runs of some weeks; of one that runs every minute only the first, and where those end. */
export const useMonth = (scheduleId: string, from: string, to: string) =>
  useQuery({
    queryKey: ['schedule', scheduleId, 'month', from, to],
    queryFn: async ({ signal }) => {
      const items: Occurrence[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MONTH_PAGES; page += 1) {
        const read: OccurrencePage = await readFresh<OccurrencePage>(
          `v1/schedules/${scheduleId}/occurrences`,
          { from, to, limit: '200', cursor },
          signal,
        );
        items.push(...read.items);
        cursor = read.nextCursor;
        if (cursor === undefined) break;
      }
      return { items, isWhole: cursor === undefined };
    },
    placeholderData: keepPreviousData,
  });

/** Everything of a schedule is read again, as far as our own change at least. */
export const useReread = (scheduleId: string) => {
  const client = useQueryClient();
  return async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['schedule', scheduleId] });
    void client.invalidateQueries({ queryKey: ['schedules'] });
  };
};
