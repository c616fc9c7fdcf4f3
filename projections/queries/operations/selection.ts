import type { Knex } from 'knex';
import type { JobFilter } from '../../../domain/job/filter';
import { toTimestamp, type Instant } from '../../../domain/time';
import { narrow } from '../narrow';
import { among, AT_ONE_MOMENT, fewFound } from '../few-found';

/** The jobs that an operation is about, by what the read model shows at one moment. */
export type SelectedJobs = {
  /** Up to which event of the log it shows what there is. */
  readonly asOf: bigint;
  /** Soonest due first; one more than asked for at most, when there are more. */
  readonly jobIds: readonly string[];
};

/** An event of the log, by its place and by the clock of whoever wrote it. */
export type Moment = { readonly position: bigint; readonly at: Instant };

export type OperationSelection = {
  /**
   * @param started  jobs that were scheduled later are left out
   * @param max      of more than these one is given beyond
   */
  readonly byFilter: (filter: JobFilter, started: Moment, max: number) => Promise<SelectedJobs>;
  /** Those that an operation has changed. */
  readonly changedBy: (operationId: string) => Promise<SelectedJobs>;
};

const PAGE_ROWS = 10_000;

/**
 * Whether a row of `jobs` was scheduled before something else happened: by the log, as long as nothing that came after
 * has happened to the job; else by the clock.
 */
const SCHEDULED_BEFORE = '(position <= ? or (revision > 0 and scheduled_at <= ?))';

const readPosition = async (db: Knex): Promise<bigint> => {
  const { rows } = await db.raw<{ rows: readonly { readonly position: string }[] }>(
    `select position from checkpoint where projection = 'jobs'`,
  );
  return BigInt(rows[0]?.position ?? -1);
};

/** Page by page: the driver would hold all rows as objects. */
const readIds = async (
  transaction: Knex.Transaction,
  query: { readonly sql: string; readonly bindings: readonly unknown[] },
): Promise<readonly string[]> => {
  const jobIds: string[] = [];
  await transaction.raw(
    `declare selected_jobs no scroll cursor for ${query.sql}`,
    query.bindings as readonly string[], // what knex took for itself
  );
  for (;;) {
    const { rows } = await transaction.raw<{ rows: readonly { readonly job_id: string }[] }>(
      `fetch ${PAGE_ROWS} from selected_jobs`,
    );
    for (const { job_id: jobId } of rows) jobIds.push(jobId);
    if (rows.length < PAGE_ROWS) return jobIds;
  }
};

export const operationSelection = (db: Knex): OperationSelection => {
  const atOneMoment = (
    queryOf: (transaction: Knex.Transaction) => Promise<{
      readonly sql: string;
      readonly bindings: readonly unknown[];
    }>,
  ): Promise<SelectedJobs> =>
    db.transaction(
      async (transaction) => ({
        asOf: await readPosition(transaction),
        jobIds: await readIds(transaction, await queryOf(transaction)),
      }),
      AT_ONE_MOMENT,
    );

  return {
    byFilter: (filter, { position, at }, max) =>
      atOneMoment(async (transaction) => {
        const query = transaction('jobs').select('job_id');
        narrow(query, filter);
        among(query, await fewFound(transaction, filter));
        void query.whereRaw(SCHEDULED_BEFORE, [String(position), toTimestamp(at)]);
        return query
          .orderBy(['due_at', 'job_id'])
          .limit(max + 1)
          .toSQL();
      }),

    changedBy: (operationId) =>
      atOneMoment(() =>
        Promise.resolve({
          sql: `select u.job_id from operation_batches b
              cross join lateral unnest(b.job_ids, b.outcomes) with ordinality as u(job_id, outcome, n)
              where b.operation_id = ? and u.outcome = 'changed' order by b.batch, u.n`,
          bindings: [operationId],
        }),
      ),
  };
};
