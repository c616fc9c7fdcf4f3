import type { Knex } from 'knex';
import type { JobFilter } from '../../../domain/job/filter';
import type { JobStatus } from '../../../domain/job/state';
import type { JobView } from '../../../domain/job/view';
import { toTimestamp, type Instant } from '../../../domain/time';
import { JOB_COLUMNS, jobView, type JobRow } from '../job-row';
import { isSearch } from '../listed-jobs';
import { narrow } from '../narrow';
import { searchedIds } from '../searched-jobs';

/** The jobs that an operation is about, by what the read model shows at one moment. */
export type SelectedJobs = {
  /** Up to which event of the log it shows what there is. */
  readonly asOf: bigint;
  /** Soonest due first; one more than asked for at most, when there are more. */
  readonly jobIds: readonly string[];
};

/** What would be changed, without changing it. */
export type Previewed = {
  /** One more than asked for at most, when there are more. */
  readonly count: number;
  /** Soonest due first; without payloads. */
  readonly sample: readonly JobView[];
  /** Where jobs are named: of those that it would not be about, how many have which status. */
  readonly others?: readonly { readonly status: JobStatus; readonly count: number }[];
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
  readonly preview: (
    filter: JobFilter,
    jobIds: readonly string[] | undefined,
    max: number,
    sample: number,
  ) => Promise<Previewed>;
};

const PAGE_ROWS = 10_000;
/** What more jobs have than this is read without the index of searches: it would not be quicker. */
const FEW = 2_000;

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

/**
 * All jobs that fit a filter, and perhaps others, when the index of searches has them and they are few; undefined where
 * they are looked for among all.
 *
 * @param transaction  repeatable read
 */
const fewFound = async (
  transaction: Knex,
  filter: JobFilter,
): Promise<readonly string[] | undefined> => {
  if (!isSearch(filter)) return undefined;
  const searched = await searchedIds(transaction, filter, { limit: FEW + 1, after: undefined });
  if (!searched) return undefined;
  const rows = (await searched.ids) as readonly { readonly job_id: string }[]; // its select list
  return rows.length > FEW ? undefined : rows.map(({ job_id: jobId }) => jobId);
};

const among = (query: Knex.QueryBuilder, jobIds: readonly string[] | undefined): void => {
  if (jobIds) void query.whereRaw('job_id = any(?::uuid[])', [[...jobIds]]);
};

const AT_ONE_MOMENT = { isolationLevel: 'repeatable read', readOnly: true } as const;

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

/** Of the jobs that are named those with another status than it would be about. */
const othersAmong = async (
  transaction: Knex,
  { status, ...whose }: JobFilter,
  jobIds: readonly string[],
): Promise<Required<Pick<Previewed, 'others'>>> => {
  const named = transaction('jobs');
  narrow(named, whose);
  among(named, jobIds);
  if (status) void named.whereNotIn('status', [...status]);
  const rows: unknown = await named
    .select('status', transaction.raw('count(*)::int as count'))
    .groupBy('status')
    .orderBy('status');
  return { others: rows as Required<Previewed>['others'] }; // as the select list has them
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

    preview: (filter, jobIds, max, sample) =>
      db.transaction(async (transaction) => {
        const found = transaction('jobs');
        narrow(found, filter);
        among(found, jobIds ?? (await fewFound(transaction, filter)));
        const fitting = found
          .clone()
          .select(transaction.raw('1'))
          .limit(max + 1);
        const [counted] = await transaction
          .count<readonly { readonly count?: unknown }[]>('* as count')
          .from(fitting.as('found'));
        const rows: unknown = await found
          .select(transaction.raw(JOB_COLUMNS))
          .orderBy(['due_at', 'job_id'])
          .limit(sample);
        return {
          count: Number(counted?.count ?? 0),
          sample: (rows as readonly JobRow[]).map(jobView), // the select list is a JobRow's
          ...(jobIds && (await othersAmong(transaction, filter, jobIds))),
        };
      }, AT_ONE_MOMENT),
  };
};
