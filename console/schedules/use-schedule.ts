import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { OccurrencePage, Schedule, ScheduleStory } from '../http/answers';
import { read, readFresh } from '../http/client';

/** How far back the list of occurrences begins. */
const BACK_MS = 24 * 60 * 60_000;

/** Read again, all of it, by the live feed: its runs are jobs. */
export const useSchedule = (scheduleId: string) =>
  useQuery({
    queryKey: ['schedule', scheduleId],
    queryFn: ({ signal }) => readFresh<Schedule>(`v1/schedules/${scheduleId}`, {}, signal),
  });

export const useScheduleStory = (scheduleId: string) =>
  useQuery({
    queryKey: ['schedule', scheduleId, 'story'],
    queryFn: ({ signal }) =>
      read<ScheduleStory>(`v1/schedules/${scheduleId}/story`, { limit: '20' }, signal),
  });

export const useOccurrences = (scheduleId: string) => {
  const [from] = useState(() => new Date(Date.now() - BACK_MS).toISOString());
  return useInfiniteQuery({
    queryKey: ['schedule', scheduleId, 'occurrences', from],
    queryFn: ({ pageParam, signal }) =>
      readFresh<OccurrencePage>(
        `v1/schedules/${scheduleId}/occurrences`,
        { from, limit: '30', cursor: pageParam },
        signal,
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
};

/** Everything of a schedule is read again, as far as our own change at least. */
export const useReread = (scheduleId: string) => {
  const client = useQueryClient();
  return async (): Promise<void> => {
    await client.invalidateQueries({ queryKey: ['schedule', scheduleId] });
    void client.invalidateQueries({ queryKey: ['schedules'] });
  };
};
