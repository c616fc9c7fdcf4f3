import { JOB_STREAM_PREFIX } from '../../domain/ids';
import type { JobDefinition } from '../../domain/job/definition';
import type { JobChange } from './job-change';
import type { RowChanges } from '../projection';
import { parameters, plain, plainArray, quotedText, textArray, unnest } from '../writing/unnest';
import type { Statement } from '../writing/write-session';

const json = (value: unknown): string | undefined =>
  value === undefined ? undefined : JSON.stringify(value);

/** What a change of any kind carries. */
const changeColumns = [
  plain<JobChange>('job_id', 'uuid', ({ jobId }) => jobId),
  plain<JobChange>('revision', 'bigint', ({ revision }) => revision),
  plain<JobChange>('position', 'bigint', ({ position }) => position),
  plain<JobChange>('status', 'text', ({ columns }) => columns.status),
  plain<JobChange>('due_at', 'timestamptz', ({ columns }) => columns.dueAt),
  plain<JobChange>('attempt', 'integer', ({ columns }) => columns.attempt),
  plain<JobChange>('delivery', 'integer', ({ columns }) => columns.delivery),
  plain<JobChange>('dispatched_at', 'timestamptz', ({ columns }) => columns.dispatchedAt),
  plain<JobChange>('sent_at', 'timestamptz', ({ columns }) => columns.sentAt),
  plain<JobChange>('started_at', 'timestamptz', ({ columns }) => columns.startedAt),
  plain<JobChange>('finished_at', 'timestamptz', ({ columns }) => columns.finishedAt),
  quotedText<JobChange>('executor_id', 'text', ({ columns }) => columns.executorId),
  plain<JobChange>('abort_requested', 'boolean', ({ columns }) => columns.abortRequested),
  quotedText<JobChange>('result', 'json', ({ columns }) => json(columns.result)),
  quotedText<JobChange>('error', 'json', ({ columns }) => json(columns.error)),
] as const;

type Created = JobChange & { readonly created: NonNullable<JobChange['created']> };

const isCreated = (change: JobChange): change is Created => change.created !== undefined;

const defined = (
  name: string,
  type: string,
  of: (definition: JobDefinition) => number | undefined,
) => plain<Created>(name, type, ({ created }) => of(created.definition));

const definedText = (
  name: string,
  type: string,
  of: (definition: JobDefinition) => string | undefined,
) => quotedText<Created>(name, type, ({ created }) => of(created.definition));

/** What the user asked for: written once. */
const definitionColumns = [
  plain<Created>('scheduled_at', 'timestamptz', ({ created }) => created.scheduledAt),
  defined('timeout_ms', 'bigint', ({ timeoutMs }) => timeoutMs),
  defined('cutoff_ms', 'bigint', ({ cutoffMs }) => cutoffMs),
  defined('max_lateness_ms', 'bigint', ({ maxLatenessMs }) => maxLatenessMs),
  definedText('owner_id', 'text', ({ ownerId }) => ownerId),
  definedText('name', 'text', ({ name }) => name),
  definedText('location', 'text', ({ location }) => location),
  definedText('queue', 'text', ({ queue }) => queue),
  definedText('schedule_id', 'text', ({ scheduleId }) => scheduleId),
  plain<Created>('occurrence_at', 'timestamptz', ({ created }) => created.definition.occurrenceAt),
  // an array of arrays would be unnested to its leaves, so each row's tags travel as text
  definedText('tags', 'text', ({ tags }) => textArray(tags)),
  definedText('retry', 'json', ({ retry }) => json(retry)),
  definedText('payload', 'json', ({ payload }) => json(payload)),
] as const;

const insertColumns = [...changeColumns, ...definitionColumns];

const insertedValue: Readonly<Record<string, string>> = {
  tags: 'c.tags::text[]',
  abort_requested: 'coalesce(c.abort_requested, false)',
};

const insertText = `
  insert into jobs (${insertColumns.map(({ name }) => name).join(', ')})
  select ${insertColumns.map(({ name }) => insertedValue[name] ?? `c.${name}`).join(', ')}
  from ${unnest(insertColumns)}
  on conflict (job_id) do update set
    ${insertColumns.map(({ name }) => `${name} = excluded.${name}`).join(', ')}
  where jobs.revision < excluded.revision`;

const updateColumns = [
  ...changeColumns,
  plain<JobChange>('first_revision', 'bigint', ({ firstRevision }) => firstRevision),
  plain<JobChange>('is_untried', 'boolean', ({ isUntried }) => isUntried),
] as const;

/** Cleared when a new attempt begins, else kept. */
const traceOf = (column: string): string =>
  `${column} = case when c.is_untried then c.${column} else coalesce(c.${column}, t.${column}) end`;

const updateText = `
  update jobs t set
    revision = c.revision, position = c.position, status = c.status,
    due_at = coalesce(c.due_at, t.due_at), attempt = coalesce(c.attempt, t.attempt),
    ${['delivery', 'dispatched_at', 'sent_at', 'started_at', 'finished_at', 'executor_id', 'result'].map(traceOf).join(', ')},
    abort_requested = coalesce(c.abort_requested, not c.is_untried and t.abort_requested),
    error = case when c.status = 'succeeded' then null else coalesce(c.error, t.error) end
  from ${unnest(updateColumns)}
  where t.job_id = c.job_id and t.revision < c.revision and t.revision >= c.first_revision - 1`;

const gapsText = `
  select '${JOB_STREAM_PREFIX}' || c.job_id as stream from unnest($1::uuid[], $2::bigint[]) as c(job_id, first_revision)
  left join jobs t on t.job_id = c.job_id
  where t.job_id is null or t.revision < c.first_revision - 1`;

const insertion = (created: readonly Created[]): Statement => ({
  name: 'jobs_insert',
  text: insertText,
  values: parameters<Created>(insertColumns, created),
});

const update = (changes: readonly JobChange[]): RowChanges => ({
  name: 'jobs_update',
  text: updateText,
  values: parameters(updateColumns, changes),
  rows: changes.length,
  gaps: {
    text: gapsText,
    values: [
      plainArray(changes.map(({ jobId }) => jobId)),
      plainArray(changes.map(({ firstRevision }) => firstRevision)),
    ],
  },
});

/** Changes of `jobs`: whole rows for jobs that are new in the batch, parts of rows for all others. */
export const jobStatements = (
  changes: readonly JobChange[],
): readonly (Statement | RowChanges)[] => {
  const created = changes.filter(isCreated);
  const changed = changes.filter((change) => !isCreated(change));
  return [
    ...(created.length > 0 ? [insertion(created)] : []),
    ...(changed.length > 0 ? [update(changed)] : []),
  ];
};
