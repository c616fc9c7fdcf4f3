import type { FeedRow, JobChange } from './job-change';
import { parameters, plain, quotedText, unnest, type Column } from '../writing/unnest';
import { sendOne, type Statement, type WriteSession } from '../writing/write-session';

/** Changes are kept this long for listeners that come back. */
export const STATUS_FEED_KEPT_MS = 24 * 3_600_000;

type Row = { readonly change: JobChange; readonly row: FeedRow };

const columns = [
  plain<Row>('position', 'bigint', ({ row }) => row.position),
  plain<Row>('job_id', 'uuid', ({ change }) => change.jobId),
  plain<Row>('status', 'text', ({ row }) => row.status),
  plain<Row>('revision', 'bigint', ({ row }) => row.revision),
  plain<Row>('at', 'timestamptz', ({ row }) => row.recordedAt),
  plain<Row>('attempt', 'integer', ({ row }) => row.attempt),
  plain<Row>('due_at', 'timestamptz', ({ row }) => row.dueAt),
] as const;

const createdColumns = [
  ...columns,
  quotedText<Row>('owner_id', 'text', ({ change }) => change.created?.definition.ownerId),
  quotedText<Row>('name', 'text', ({ change }) => change.created?.definition.name),
] as const;

const target =
  'status_feed (position, job_id, status, revision, at, attempt, due_at, owner_id, name)';

const createdText = `
  insert into ${target}
  select c.position, c.job_id, c.status, c.revision, c.at, c.attempt, c.due_at, c.owner_id, c.name
  from ${unnest(createdColumns)}`;

const changedText = `
  insert into ${target}
  select c.position, c.job_id, c.status, c.revision, c.at,
         coalesce(c.attempt, j.attempt), coalesce(c.due_at, j.due_at), j.owner_id, j.name
  from ${unnest(columns)}
  join jobs j on j.job_id = c.job_id`;

/** Rows that may be there already, or such as cannot be: into a table without a key, at half the cost. */
type Kind = 'repeatable' | 'first';

const endings: Readonly<Record<Kind, string>> = {
  repeatable: 'on conflict (position) do nothing',
  first: '',
};

const rowsOf = (change: JobChange): readonly Row[] => change.feed.map((row) => ({ change, row }));

const insertion = (
  name: string,
  text: string,
  rowColumns: readonly Column<Row>[],
  changes: readonly JobChange[],
  kind: Kind,
): readonly Statement[] => {
  const rows = changes.flatMap(rowsOf);
  return rows.length === 0
    ? []
    : [
        {
          name: `status_feed_${name}_${kind}`,
          text: `${text} ${endings[kind]}`,
          values: parameters(rowColumns, rows),
        },
      ];
};

/**
 * One row for each event, whatever the batch: a rebuild gives the same rows. Comes before the changes
 * of `jobs` in the same transaction: what an event does not say stands in the row before the batch.
 *
 * @param kind  by default `repeatable`; `first` where no event can come twice
 */
export const statusFeedStatements = (
  changes: readonly JobChange[],
  kind: Kind = 'repeatable',
): readonly Statement[] => {
  const isCreated = ({ created }: JobChange): boolean => created !== undefined;
  return [
    ...insertion('created', createdText, createdColumns, changes.filter(isCreated), kind),
    ...insertion(
      'changed',
      changedText,
      columns,
      changes.filter((change) => !isCreated(change)),
      kind,
    ),
  ];
};

/** More than the changes of a second at the highest rate that is promised (2,000 jobs of four events). */
const TRIM_ROWS = 10_000;

/**
 * Rows are as good as ordered by time, so the oldest few tell whether there is anything to trim. An index for searches
 * that has not followed so far begins anew.
 */
const trimText = `
  with gone as (
    delete from status_feed where position in (
      select position from (select position, at from status_feed order by position limit $1) oldest
      where at < now() - $2 * interval '1 millisecond')
    returning position),
  behind as (
    update search_progress set generation = null
    where generation is not null and position < (select max(position) from gone))
  select from gone`;

/** Removes up to `rows` that are older than `keptMs`, the oldest first. @returns whether there may be more */
export const trimStatusFeed = async (
  session: WriteSession,
  keptMs: number,
  rows = TRIM_ROWS,
): Promise<boolean> => {
  const { rowCount } = await sendOne(session, { text: trimText, values: [rows, keptMs] });
  return rowCount === rows;
};
