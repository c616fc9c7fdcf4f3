import { useQuery } from '@tanstack/react-query';
import type { Schedule } from '../http/answers';
import { read } from '../http/client';
import { instantOf } from './as-of';
import { OF_THE_PAST } from './use-past';

/** A schedule as it stood then; none is asked for where the moment is no time. */
export const usePastSchedule = (scheduleId: string, asOf: string) =>
  useQuery({
    queryKey: ['past', 'schedule', scheduleId, asOf],
    queryFn: ({ signal }) => read<Schedule>(`v1/schedules/${scheduleId}`, { asOf }, signal),
    enabled: instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });
