import type { Knex } from 'knex';
import type { ParkedStream } from '../../writing/parking/parked-streams';
import { NOTHING_APPLIED } from '../../writing/checkpoint';
import type { JobStatus } from '../../../domain/job/state';
import type { OperationStatus } from '../../../domain/operation/state';
import type { ScheduleStatus } from '../../../domain/schedule/state';

/** A row of `jobs` for a comparison with the fold: times in milliseconds, JSON as the text that is stored. */
export type JobAuditRow = {
  readonly job_id: string;
  readonly status: JobStatus;
  readonly revision: number;
  readonly position: number;
  readonly attempt: number;
  readonly delivery: number | null;
  readonly abort_requested: boolean;
  readonly due_at: number;
  readonly scheduled_at: number;
  readonly dispatched_at: number | null;
  readonly sent_at: number | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly timeout_ms: number;
  readonly cutoff_ms: number;
  readonly max_lateness_ms: number | null;
  readonly owner_id: string;
  readonly name: string;
  readonly location: string;
  readonly queue: string;
  readonly schedule_id: string | null;
  readonly occurrence_at: number | null;
  readonly tags: string;
  readonly retry: string;
  readonly payload: string | null;
  readonly executor_id: string | null;
  readonly result: string | null;
  readonly error: string | null;
};

/** A row of `due_jobs`. */
export type DueAuditRow = {
  readonly job_id: string;
  readonly due_at: number;
  readonly slot: number;
  readonly revision: number;
  readonly position: number;
  readonly attempt: number;
  /** Whether what it copies from `jobs` is what the job's row has. */
  readonly is_copy: boolean;
};

/** A row of `schedules` for a comparison with the fold: times in milliseconds, JSON as the text that is stored. */
export type ScheduleAuditRow = {
  readonly schedule_id: string;
  readonly status: ScheduleStatus;
  readonly revision: number;
  readonly position: number;
  readonly owner_id: string;
  readonly name: string;
  readonly definition: string;
  readonly offset_ms: number;
  readonly decided_until_ms: number;
  readonly may_overlap: boolean;
  readonly created_at: number;
  readonly rule_since: number;
};

/** What tells a row of `schedule_occurrences` from all others. */
export type OccurrenceAuditRow = {
  readonly schedule_id: string;
  readonly occurrence_at: number;
  readonly job_id: string;
};

/** A row of `operations` for a comparison with the fold: times in milliseconds, JSON as the text that is stored. */
export type OperationAuditRow = {
  readonly operation_id: string;
  readonly status: OperationStatus;
  readonly revision: number;
  readonly position: number;
  readonly definition: string;
  readonly is_selected: boolean;
  readonly batches: number;
  readonly items: number;
  readonly progressed: number;
  readonly changed_items: number;
  readonly unchanged_items: number;
  readonly refused_items: number;
  readonly left_items: number;
  readonly started_at: number;
};

/** A row of `operation_batches`. */
export type BatchAuditRow = {
  readonly operation_id: string;
  readonly batch: number;
  readonly job_ids: readonly string[];
  readonly outcomes: readonly string[] | null;
};

/** The read model at one moment. */
export type ReadModelSnapshot = {
  /** Up to which event of the log it is; undefined when nothing is applied yet. */
  readonly position: bigint | undefined;
  readonly parked: readonly ParkedStream[];
  readonly jobs: () => AsyncIterable<readonly JobAuditRow[]>;
  readonly dueJobs: () => AsyncIterable<readonly DueAuditRow[]>;
  readonly schedules: () => AsyncIterable<readonly ScheduleAuditRow[]>;
  readonly occurrences: () => AsyncIterable<readonly OccurrenceAuditRow[]>;
  readonly operations: () => AsyncIterable<readonly OperationAuditRow[]>;
  readonly operationBatches: () => AsyncIterable<readonly BatchAuditRow[]>;
};

export type AuditRows = {
  /** Up to which event of the log the read model is now; undefined when nothing is applied yet. */
  readonly position: () => Promise<bigint | undefined>;
  /** Gives `work` a view in which nothing moves; it holds a transaction open for so long. */
  readonly atOneMoment: <T>(work: (snapshot: ReadModelSnapshot) => Promise<T>) => Promise<T>;
};

const PAGE_ROWS = 2_000;

/** double precision holds milliseconds and positions exactly, and comes as a number where bigint comes as a text. */
const ms = (column: string): string =>
  `(extract(epoch from ${column}) * 1000)::double precision as ${column}`;
const double = (column: string): string => `${column}::double precision as ${column}`;

const JOBS = `
  select job_id, status, ${['revision', 'position'].map(double).join(', ')}, attempt, delivery,
    abort_requested, ${['due_at', 'scheduled_at', 'dispatched_at', 'sent_at', 'started_at', 'finished_at', 'occurrence_at'].map(ms).join(', ')},
    ${['timeout_ms', 'cutoff_ms', 'max_lateness_ms'].map(double).join(', ')},
    owner_id, name, location, queue, schedule_id, array_to_json(tags)::text as tags, retry::text as retry,
    payload::text as payload, executor_id, result::text as result, error::text as error
  from jobs`;

const copied = (alias: string): string =>
  ['timeout_ms', 'max_lateness_ms', 'owner_id', 'name', 'location', 'queue', 'payload::text']
    .map((column) => `${alias}.${column}`)
    .join(', ');

const DUE_JOBS = `
  select d.job_id, ${ms('d.due_at').replace('as d.', 'as ')}, d.slot, d.revision::double precision as revision,
    d.position::double precision as position, d.attempt,
    (${copied('d')}) is not distinct from (${copied('j')}) as is_copy
  from due_jobs d left join jobs j on j.job_id = d.job_id`;

const SCHEDULES = `
  select schedule_id, status, ${['revision', 'position'].map(double).join(', ')}, owner_id, name,
    definition::text as definition, ${['offset_ms', 'decided_until_ms'].map(double).join(', ')}, may_overlap,
    ${['created_at', 'rule_since'].map(ms).join(', ')}
  from schedules`;

const OCCURRENCES = `select schedule_id, ${ms('occurrence_at')}, job_id from schedule_occurrences`;

const OPERATIONS = `
  select operation_id, status, ${['revision', 'position'].map(double).join(', ')}, definition::text as definition,
    is_selected, batches, items, progressed, changed_items, unchanged_items, refused_items, left_items,
    ${ms('started_at')}
  from operations`;

const OPERATION_BATCHES = `
  select operation_id, batch, job_ids::text[] as job_ids, outcomes from operation_batches`;

type Parked = {
  readonly stream: string;
  readonly revision: string;
  readonly position: string;
  readonly error: string;
};

const rowsOf = async <Row>(db: Knex, text: string): Promise<readonly Row[]> => {
  const { rows } = await db.raw<{ readonly rows: readonly Row[] }>(text);
  return rows;
};

const readPosition = async (db: Knex): Promise<bigint | undefined> => {
  const [row] = await rowsOf<{ readonly position: string }>(
    db,
    `select position from checkpoint where projection = 'jobs'`,
  );
  if (!row) throw new Error('there is no checkpoint of the jobs: is this the read model?');
  const position = BigInt(row.position);
  return position === NOTHING_APPLIED ? undefined : position;
};

const readParked = async (db: Knex): Promise<readonly ParkedStream[]> => {
  const rows = await rowsOf<Parked>(
    db,
    `select stream, revision, position, error from parked_streams where projection = 'jobs' order by position`,
  );
  return rows.map(({ revision, position, ...rest }) => ({
    ...rest,
    revision: BigInt(revision),
    position: BigInt(position),
  }));
};

/** Told of rows that were read; resolves when more may be read. */
type RowsRead = (count: number) => Promise<void>;

/** Page by page, so that neither side holds all rows. */
async function* cursor<Row>(
  db: Knex,
  name: string,
  query: string,
  rowsRead: RowsRead,
): AsyncGenerator<readonly Row[]> {
  await db.raw(`declare ${name} no scroll cursor for ${query}`);
  for (;;) {
    const page = await rowsOf<Row>(db, `fetch ${PAGE_ROWS} from ${name}`);
    if (page.length === 0) break;
    yield page;
    await rowsRead(page.length);
  }
  await db.raw(`close ${name}`);
}

/** The whole read model for an audit, read in a snapshot. */
export const auditRows = (db: Knex, rowsRead: RowsRead = () => Promise.resolve()): AuditRows => ({
  position: () => readPosition(db),
  atOneMoment: (work) =>
    db.transaction(
      async (transaction) =>
        await work({
          position: await readPosition(transaction),
          parked: await readParked(transaction),
          jobs: () => cursor<JobAuditRow>(transaction, 'audited_jobs', JOBS, rowsRead),
          dueJobs: () => cursor<DueAuditRow>(transaction, 'audited_due_jobs', DUE_JOBS, rowsRead),
          schedules: () =>
            cursor<ScheduleAuditRow>(transaction, 'audited_schedules', SCHEDULES, rowsRead),
          occurrences: () =>
            cursor<OccurrenceAuditRow>(transaction, 'audited_occurrences', OCCURRENCES, rowsRead),
          operations: () =>
            cursor<OperationAuditRow>(transaction, 'audited_operations', OPERATIONS, rowsRead),
          operationBatches: () =>
            cursor<BatchAuditRow>(transaction, 'audited_batches', OPERATION_BATCHES, rowsRead),
        }),
      { isolationLevel: 'repeatable read', readOnly: true },
    ),
});
