import { definitionDigest, digestOrNone } from '../../domain/audit/digest';
import { shownStatus, type JobTrace } from '../../domain/audit/job-trace';
import { shardOf } from '../../domain/ids';
import { toTimestamp } from '../../domain/time';
import type { DueAuditRow, JobAuditRow } from '../queries/operating/audit-rows';

type Value = number | string | boolean | null;
export type Compared = readonly [column: string, row: Value, fold: Value];

/** A row and why it is wrong. */
export type RowBreach = { readonly rule: string; readonly message: string };

const valueOf = (number: number): number | null => (Number.isNaN(number) ? null : number);

const digestOfRow = (text: string | null): number | null => valueOf(digestOrNone(text));

const definitionOf = (row: JobAuditRow): number =>
  definitionDigest({
    ownerId: row.owner_id,
    name: row.name,
    location: row.location,
    queue: row.queue,
    timeoutMs: row.timeout_ms,
    cutoffMs: row.cutoff_ms,
    maxLatenessMs: row.max_lateness_ms,
    scheduleId: row.schedule_id,
    occurrenceAt: row.occurrence_at === null ? null : toTimestamp(row.occurrence_at),
    tags: row.tags,
    retry: row.retry,
    payload: row.payload,
  });

const compared = (row: JobAuditRow, job: Readonly<JobTrace>): readonly Compared[] => [
  ['status', row.status, shownStatus(job.status)],
  ['revision', row.revision, job.revision],
  ['position', row.position, job.position],
  ['attempt', row.attempt, job.attempt],
  ['delivery', row.delivery ?? 0, job.delivery],
  ['abort_requested', row.abort_requested, job.isAbortRequested],
  ['due_at', row.due_at, job.dueAt],
  ['scheduled_at', row.scheduled_at, job.scheduledAt],
  ['dispatched_at', row.dispatched_at, valueOf(job.dispatchedAt)],
  ['sent_at', row.sent_at, valueOf(job.sentAt)],
  ['started_at', row.started_at, valueOf(job.startedAt)],
  ['finished_at', row.finished_at, valueOf(job.finishedAt)],
  ['definition', definitionOf(row), job.definition],
  ['executor_id', digestOfRow(row.executor_id), valueOf(job.executor)],
  ['result', digestOfRow(row.result), valueOf(job.result)],
  ['error', digestOfRow(row.error), valueOf(job.error)],
];

/** What the last event of a job says by itself. */
const KNOWN_OF_HEADLESS: ReadonlySet<string> = new Set(['status', 'revision', 'position']);

/** Digests say nothing to a reader. */
const unspoken: Readonly<Record<string, string>> = {
  definition: 'owner, name, payload, a limit or another part is not what the log has',
  executor_id: 'executor_id is another than the log has',
  result: 'result is another than the log has',
  error: 'error is another than the log has',
};

const timeOf = (at: number): string => (Number.isNaN(at) ? 'nobody knows when' : toTimestamp(at));

const shown = (column: string, value: Value): string =>
  column.endsWith('_at') && typeof value === 'number' ? timeOf(value) : String(value ?? 'nothing');

const sentenceOf = ([column, row, fold]: Compared): string =>
  unspoken[column] ?? `${column} is ${shown(column, row)}, the log says ${shown(column, fold)}`;

/** Says what differs; undefined when nothing does. */
export const differenceOf = (all: readonly Compared[]): string | undefined => {
  const wrong = all.filter(([, of, fold]) => of !== fold);
  return wrong.length === 0 ? undefined : wrong.map(sentenceOf).join('; ');
};

/** Holds a row of `jobs` against its job as the log tells it. */
export const jobRowBreach = (
  row: JobAuditRow,
  job: Readonly<JobTrace> | undefined,
): RowBreach | undefined => {
  if (!job) return { rule: 'row-unknown', message: 'jobs has a row, the log has no such job' };
  const message = differenceOf(
    compared(row, job).filter(([column]) => !job.isHeadless || KNOWN_OF_HEADLESS.has(column)),
  );
  return message === undefined ? undefined : { rule: 'row-differs', message: `jobs: ${message}` };
};

/** Holds a row of `due_jobs` against its job as the log tells it. */
export const dueRowBreach = (
  row: DueAuditRow,
  job: Readonly<JobTrace> | undefined,
): RowBreach | undefined => {
  if (job?.status !== 'scheduled' || job.dueAt !== row.due_at) {
    const told = job ? `${shownStatus(job.status)}, due ${timeOf(job.dueAt)}` : 'unknown';
    const message = `due_jobs has a row for ${timeOf(row.due_at)}, by the log the job is ${told}`;
    return { rule: 'due-row-unknown', message };
  }
  const wrong = [
    ...(row.revision === job.revision ? [] : ['revision']),
    ...(row.position === job.position ? [] : ['position']),
    ...(row.attempt === job.attempt || job.isHeadless ? [] : ['attempt']),
    ...(row.slot === shardOf(row.job_id) ? [] : ['slot']),
    ...(row.is_copy ? [] : ['definition']),
  ];
  if (wrong.length === 0) return undefined;
  return { rule: 'due-row-differs', message: `due_jobs has another ${wrong.join(', ')}` };
};
