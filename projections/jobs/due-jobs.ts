import { shardOf } from '../../domain/ids';
import { fromTimestamp, type Instant, type Timestamp } from '../../domain/time';
import { groupBy } from '../writing/grouping';
import type { JobChange } from './job-change';
import { monthIn, partitionOf, type Partition } from '../writing/partitions';
import { NO_NOTICE, type Notice } from '../writing/notice';
import { parameters, plain, unnest } from '../writing/unnest';
import { sendOne, type Statement, type WriteSession } from '../writing/write-session';

/** A row that due_jobs may hold and must not any more. */
type Left = { readonly jobId: string; readonly dueAt: Timestamp; readonly revision: bigint };

const leftColumns = [
  plain<Left>('job_id', 'uuid', ({ jobId }) => jobId),
  plain<Left>('due_at', 'timestamptz', ({ dueAt }) => dueAt),
  plain<Left>('revision', 'bigint', ({ revision }) => revision),
] as const;

/**
 * One statement a month, planned once, on its partition by name. Bounds of `due_at` would find the partition too,
 * but a planner without statistics takes them to leave next to nothing, and then reads the whole partition
 * for each batch, until the first analyze.
 */
const removal = (partition: Partition, left: readonly Left[]): Statement => ({
  name: `${partition}_delete`,
  text: `
    delete from ${partition} t using ${unnest(leftColumns)}
    where t.job_id = c.job_id and t.due_at = c.due_at and t.revision < c.revision`,
  values: parameters(leftColumns, left),
});

const waitingColumns = [
  plain<JobChange>('job_id', 'uuid', ({ jobId }) => jobId),
  plain<JobChange>('slot', 'smallint', ({ jobId }) => shardOf(jobId)),
] as const;

/** Taken from `jobs`, which the same transaction has just changed: most events carry no definition.
 * `offset 0` makes it look up each job by its key: a planner that knows no statistics yet walks an index of all waiting jobs. */
const insertText = `
  insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms,
                        max_lateness_ms, owner_id, name, location, queue, payload)
  select j.job_id, j.due_at, c.slot, j.revision, j.position, j.attempt, j.timeout_ms,
         j.max_lateness_ms, j.owner_id, j.name, j.location, j.queue, j.payload
  from ${unnest(waitingColumns)}
  cross join lateral (select * from jobs where job_id = c.job_id offset 0) j
  where j.status = 'scheduled'
  on conflict (job_id, due_at) do update set
    revision = excluded.revision, position = excluded.position, attempt = excluded.attempt
  where due_jobs.revision < excluded.revision`;

const isWaiting = ({ columns }: JobChange): boolean => columns.status === 'scheduled';

/** Its partition of due_jobs. @throws RangeError for a due time that is none */
const duePartition = (dueAt: Timestamp): Partition => partitionOf('due_jobs', monthIn(dueAt));

const leftByPartition = (changes: readonly JobChange[]): ReadonlyMap<Partition, readonly Left[]> =>
  groupBy(
    changes.flatMap(({ jobId, revision, leftDueAts }) =>
      leftDueAts.map((dueAt) => ({ jobId, revision, dueAt })),
    ),
    ({ dueAt }) => duePartition(dueAt),
  );

/** Changes of `due_jobs`. Come after those of `jobs` in the same transaction. */
export const dueJobStatements = (changes: readonly JobChange[]): readonly Statement[] => {
  const waiting = changes.filter(isWaiting);
  const removals = [...leftByPartition(changes)].map(([partition, left]) =>
    removal(partition, left),
  );
  if (waiting.length === 0) return removals;
  const values = parameters(waitingColumns, waiting);
  return [...removals, { name: 'due_jobs_insert', text: insertText, values }];
};

const dueAtOf = ({ columns: { dueAt } }: JobChange): Timestamp => {
  if (dueAt === undefined) throw new Error('an event made a job scheduled and named no due time');
  return dueAt;
};

/** The partitions that the statements need: those of past due times too, for they are named. */
export const duePartitions = (changes: readonly JobChange[]): readonly Partition[] => [
  ...new Set([
    ...changes.filter(isWaiting).map((change) => duePartition(dueAtOf(change))),
    ...leftByPartition(changes).keys(),
  ]),
];

/** For dispatchers. */
type DueNotice = { readonly duePosition: bigint; readonly dueAt: Instant };

/** The lowest position and the earliest due time of the rows that a batch writes. */
export const dueNotice = (changes: readonly JobChange[]): Notice => {
  let lowest: DueNotice | undefined;
  for (const change of changes) {
    if (!isWaiting(change)) continue;
    const { position } = change;
    const dueAt = fromTimestamp(dueAtOf(change));
    lowest = {
      // Stryker disable next-line EqualityOperator: of two that are the same it is the same
      duePosition: lowest && lowest.duePosition < position ? lowest.duePosition : position,
      dueAt: Math.min(lowest?.dueAt ?? dueAt, dueAt),
    };
  }
  return lowest ?? NO_NOTICE;
};

export const noticeOfAllDue = async (session: WriteSession): Promise<Notice> => {
  const { rows } = await sendOne(session, { text: 'select min(due_at) as earliest from due_jobs' });
  const earliest = rows[0]?.['earliest'];
  if (!(earliest instanceof Date)) return NO_NOTICE;
  return { duePosition: 0n, dueAt: earliest.getTime() } satisfies DueNotice;
};
