import { useQuery } from '@tanstack/react-query';
import type { Job, JobEvents, Story } from '../http/answers';
import { read, readFresh } from '../http/client';

/** The page of one job; the live feed has all of it read again when the job changes. */
export const useJob = (jobId: string) =>
  useQuery({
    queryKey: ['job', jobId],
    queryFn: ({ signal }) => readFresh<Job>(`v1/jobs/${jobId}`, {}, signal),
  });

export const useStory = (jobId: string) =>
  useQuery({
    queryKey: ['job', jobId, 'story'],
    queryFn: ({ signal }) => read<Story>(`v1/jobs/${jobId}/story`, {}, signal),
  });

export const useJobEvents = (jobId: string, isAsked: boolean) =>
  useQuery({
    queryKey: ['job', jobId, 'events'],
    queryFn: ({ signal }) => read<JobEvents>(`v1/jobs/${jobId}/events`, {}, signal),
    enabled: isAsked,
  });
