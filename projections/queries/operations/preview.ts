import type { Knex } from 'knex';
import type { JobFilter } from '../../../domain/job/filter';
import type { JobView } from '../../../domain/job/view';
import { JOB_COLUMNS, jobView, type JobRow } from '../job-row';
import { narrow } from '../narrow';
import { among, AT_ONE_MOMENT, fewFound } from '../few-found';
import { othersOf, type AskedOthers, type Others } from './others';

/** What would be changed, without changing it. */
export type Previewed = Others & {
  readonly count: number;
  /** Soonest due first; without payloads. */
  readonly sample: readonly JobView[];
};

export type OperationPreview = {
  /** Jobs that fit; one more than `max` at most, when there are more. */
  readonly count: (filter: JobFilter, max: number) => Promise<number>;
  /** Undefined when more than `max` jobs would be changed. */
  readonly preview: (
    asked: AskedOthers & { readonly max: number; readonly sample: number },
  ) => Promise<Previewed | undefined>;
};

const fittingJobs = async (
  transaction: Knex,
  filter: JobFilter,
  jobIds?: readonly string[],
): Promise<{ readonly query: Knex.QueryBuilder }> => {
  const query = transaction('jobs');
  narrow(query, filter);
  among(query, jobIds ?? (await fewFound(transaction, filter)));
  return { query };
};

const counted = async (
  transaction: Knex,
  query: Knex.QueryBuilder,
  max: number,
): Promise<number> => {
  const fitting = query
    .clone()
    .select(transaction.raw('1'))
    .limit(max + 1);
  const [row] = await transaction
    .count<readonly { readonly count?: unknown }[]>('* as count')
    .from(fitting.as('found'));
  return Number(row?.count ?? 0);
};

export const operationPreview = (db: Knex): OperationPreview => ({
  count: (filter, max) =>
    db.transaction(async (transaction) => {
      const { query } = await fittingJobs(transaction, filter);
      return await counted(transaction, query, max);
    }, AT_ONE_MOMENT),

  preview: (asked) =>
    db.transaction(async (transaction) => {
      const { query } = await fittingJobs(transaction, asked.filter, asked.jobIds);
      const count = await counted(transaction, query, asked.max);
      if (count > asked.max) return undefined;
      const rows: unknown = await query
        .select(transaction.raw(JOB_COLUMNS))
        .orderBy(['due_at', 'job_id'])
        .limit(asked.sample);
      return {
        count,
        sample: (rows as readonly JobRow[]).map(jobView), // the select list is a JobRow's
        ...(await othersOf(transaction, asked)),
      };
    }, AT_ONE_MOMENT),
});
