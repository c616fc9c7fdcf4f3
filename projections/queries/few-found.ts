import type { Knex } from 'knex';
import type { JobFilter } from '../../domain/job/filter';
import { isSearch } from './listed-jobs';
import { searchedIds } from './searched-jobs';

/** Of a transaction that sees no change come: the index and the jobs it names belong together. */
export const AT_ONE_MOMENT = { isolationLevel: 'repeatable read', readOnly: true } as const;

/** What more jobs have than this is read without the index of searches: it would not be quicker. */
export const FEW = 2_000;

/**
 * Jobs that fit a filter, and perhaps others, as the index of searches has them, with the latest due first: so many at
 * most. Undefined where there is no index to ask.
 *
 * @param transaction  repeatable read
 */
export const found = async (
  transaction: Knex,
  filter: JobFilter,
  limit: number,
): Promise<readonly string[] | undefined> => {
  if (!isSearch(filter)) return undefined;
  const searched = await searchedIds(transaction, filter, { limit, after: undefined });
  if (!searched) return undefined;
  const rows = (await searched.ids) as readonly { readonly job_id: string }[]; // its select list
  return rows.map(({ job_id: jobId }) => jobId);
};

/** All of them when they are few; undefined where they are looked for among all jobs. */
export const fewFound = async (
  transaction: Knex,
  filter: JobFilter,
): Promise<readonly string[] | undefined> => {
  const jobIds = await found(transaction, filter, FEW + 1);
  return jobIds && jobIds.length > FEW ? undefined : jobIds;
};

export const among = (query: Knex.QueryBuilder, jobIds: readonly string[] | undefined): void => {
  if (jobIds) void query.whereRaw('job_id = any(?::uuid[])', [[...jobIds]]);
};
