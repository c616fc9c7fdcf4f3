import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { Job, JobCounts, JobPage, Story } from '../http/answers';
import { read } from '../http/client';
import { Problem } from '../http/problem';
import type { Filter } from '../jobs/filter';
import { instantOf } from './as-of';

const PAGE = '50';
const RETRIES = 2;

/** The past does not change, so what was read stays. What took too long once is not begun again and again by itself. */
export const OF_THE_PAST = {
  staleTime: Infinity,
  placeholderData: keepPreviousData,
  retry: (failures: number, error: Error) =>
    failures < RETRIES &&
    error instanceof Problem &&
    error.code !== 'as-of-timed-out' &&
    (error.status === 0 || error.status >= 500),
} as const;

/** A list as it stood then; none is asked for where the moment is no time. */
export const usePastJobs = (asOf: string, filter: Filter, isAsked: boolean) =>
  useInfiniteQuery({
    queryKey: ['past', 'jobs', asOf, filter],
    queryFn: ({ pageParam, signal }) =>
      read<JobPage>('v1/jobs', { ...filter, asOf, limit: PAGE, cursor: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: isAsked && instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });

/** How many there were of each status, all of them counted; beside their list it costs no fold of its own. */
export const usePastCounts = (asOf: string, { status: _, ...filter }: Filter, isAsked: boolean) =>
  useQuery({
    queryKey: ['past', 'jobs', 'counts', asOf, filter],
    queryFn: ({ signal }) => read<JobCounts>('v1/jobs/counts', { ...filter, asOf }, signal),
    enabled: isAsked && instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
  });

/** A job as it stood then. */
export const usePastJob = (jobId: string, asOf: string | undefined) =>
  useQuery({
    queryKey: ['past', 'job', jobId, asOf],
    queryFn: ({ signal }) => read<Job>(`v1/jobs/${jobId}`, { asOf }, signal),
    enabled: asOf !== undefined,
    ...OF_THE_PAST,
  });

/** Its story up to then. */
export const usePastStory = (jobId: string, asOf: string) =>
  useQuery({
    queryKey: ['past', 'job', jobId, asOf, 'story'],
    queryFn: ({ signal }) => read<Story>(`v1/jobs/${jobId}/story`, { asOf }, signal),
    ...OF_THE_PAST,
  });
