import { useInfiniteQuery } from '@tanstack/react-query';
import type { JobDifferences } from '../http/answers';
import { read } from '../http/client';
import type { Filter } from '../jobs/filter';
import { instantOf } from './as-of';
import { OF_THE_PAST } from './use-past';

/** In the address: the other moment is that of the look. */
export const NOW = 'now';
const PAGE = '50';

type Place = { readonly with?: string; readonly cursor?: string };

/**
 * In what a list differs between two moments; the pages that follow are of the very moments of the first.
 *
 * @param other  undefined: nothing is compared
 */
export const useListDifference = (
  asOf: string,
  other: string | undefined,
  filter: Filter,
  change: string | undefined,
) =>
  useInfiniteQuery({
    queryKey: ['past', 'differences', asOf, other, filter, change],
    queryFn: ({ pageParam, signal }) =>
      read<JobDifferences>(
        'v1/jobs/differences',
        {
          ...filter,
          ...{ asOf, change, limit: PAGE, cursor: pageParam.cursor },
          with: pageParam.with ?? (other === NOW ? undefined : other),
        },
        signal,
      ),
    initialPageParam: {} as Place,
    getNextPageParam: ({ nextCursor, with: compared }): Place | undefined =>
      nextCursor === undefined ? undefined : { with: compared, cursor: nextCursor },
    enabled: other !== undefined && instantOf(asOf) !== undefined,
    ...OF_THE_PAST,
    // a look at now is a new one each time
    ...(other === NOW && { staleTime: 0, refetchOnWindowFocus: false }),
  });
