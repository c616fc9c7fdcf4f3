import type { Knex } from 'knex';
import type { JobFilter, JobKey } from '../../domain/job/filter';
import { toTimestamp } from '../../domain/time';
import { ERROR_CODE, IS_DEAD } from './dead-letters';

/** A LIKE pattern for a literal part of a text. */
export const containing = (part: string): string => `%${part.replace(/[\\%_]/g, '\\$&')}%`;

/** Leaves those rows of `jobs` that fit. Due times are of any table that has them. */
export const narrow = (query: Knex.QueryBuilder, filter: JobFilter): void => {
  const { ownerId, status, from, to, tag, queue, scheduleId, errorCode, q } = filter;
  if (ownerId !== undefined) void query.where('owner_id', ownerId);
  if (status !== undefined) void query.whereIn('status', status);
  if (from !== undefined) void query.where('due_at', '>=', toTimestamp(from));
  if (to !== undefined) void query.where('due_at', '<', toTimestamp(to));
  if (tag !== undefined) void query.whereRaw('tags @> array[?]::text[]', [tag]);
  if (queue !== undefined) void query.where('queue', queue);
  if (scheduleId !== undefined) void query.where('schedule_id', scheduleId);
  if (errorCode !== undefined) void query.whereRaw(`${IS_DEAD} and ${ERROR_CODE} = ?`, [errorCode]);
  if (q !== undefined) void query.whereRaw('name ilike ?', [containing(q)]);
};

/** The part of a filter that says when jobs are due. */
export const dueRange = ({ from, to }: JobFilter): JobFilter => ({
  ...(from !== undefined && { from }),
  ...(to !== undefined && { to }),
});

/** What an index gives in the order of lists. */
export const indexed = (filter: JobFilter): JobFilter => ({
  ...(filter.ownerId !== undefined && { ownerId: filter.ownerId }),
  ...(filter.errorCode !== undefined && { errorCode: filter.errorCode }),
  ...dueRange(filter),
});

/** Leaves what comes after a place in the list. */
export const startAfter = (query: Knex.QueryBuilder, after: JobKey | undefined): void => {
  if (!after) return;
  void query.whereRaw('(due_at, job_id) < (?::timestamptz, ?::uuid)', [
    toTimestamp(after.dueAt),
    after.jobId,
  ]);
};

/** The order of all lists. */
export const latestFirst = (query: Knex.QueryBuilder, limit: number): Knex.QueryBuilder =>
  query
    .orderBy([
      { column: 'due_at', order: 'desc' },
      { column: 'job_id', order: 'desc' },
    ])
    .limit(limit);
