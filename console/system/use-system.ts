import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Queues, Shares, System } from '../http/answers';
import { ask, read } from '../http/client';
import { useSend } from '../http/use-send';
import { readReadiness } from './readiness';

/** Nothing tells of these changes: they are asked for. */
const LOOK_MS = 5_000;

export const useSystem = () =>
  useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => read<System>('v1/system', {}, signal),
    refetchInterval: LOOK_MS,
  });

/** @param isAsked  false for who may not see it */
export const useQueues = (isAsked: boolean) =>
  useQuery({
    queryKey: ['system', 'queues'],
    queryFn: ({ signal }) => read<Queues>('v1/queues', {}, signal),
    refetchInterval: LOOK_MS,
    enabled: isAsked,
  });

export const useReadiness = () =>
  useQuery({
    queryKey: ['system', 'readiness'],
    queryFn: ({ signal }) => readReadiness(signal),
    refetchInterval: LOOK_MS,
  });

export type ReadShares = { readonly shares: Shares; readonly etag: string };

/** The document of shares as it is, with what to name when it is replaced. */
export const useShares = (isAsked: boolean) =>
  useQuery({
    queryKey: ['system', 'shares'],
    queryFn: async ({ signal }): Promise<ReadShares> => {
      const response = await ask('v1/shares', { method: 'GET', signal });
      const shares = (await response.json()) as Shares; // as the API describes it
      return { shares, etag: response.headers.get('ETag') ?? '' };
    },
    staleTime: 0,
    enabled: isAsked,
  });

/** Replaces the document that was read, or none. @throws Problem */
export const useSetShares = () => {
  const client = useQueryClient();
  const run = useSend({ isOnce: true });
  return async (shares: Shares, { etag }: ReadShares): Promise<void> =>
    await run(async () => {
      try {
        await ask('v1/shares', { method: 'PUT', body: shares, headers: { 'If-Match': etag } });
      } finally {
        await client.invalidateQueries({ queryKey: ['system'] });
      }
    });
};
