import { latenessCells, LATENESS_KEPT_MS } from '../../domain/lateness';
import { plainArray, parameters, plain, quotedText, unnest } from '../writing/unnest';
import { sendOne, type Statement, type WriteSession } from '../writing/write-session';
import type { JobChange, Start } from './job-change';

type Row = { readonly change: JobChange; readonly start: Start };

const columns = [
  plain<Row>('job_id', 'uuid', ({ change }) => change.jobId),
  plain<Row>('revision', 'bigint', ({ start }) => start.revision),
  plain<Row>('started_at', 'timestamptz', ({ start }) => start.startedAt),
  plain<Row>('due_at', 'timestamptz', ({ start }) => start.dueAt),
  quotedText<Row>('owner_id', 'text', ({ change }) => change.created?.definition.ownerId),
] as const;

const ms = (column: string): string => `date_trunc('milliseconds', ${column})`;

/** The first cell begins below all bounds: `width_bucket` counts those that a value has reached. */
const bounds = plainArray(latenessCells.slice(1));

/**
 * A start that the row of its job has taken in already is counted already. What a start does not say stands in the
 * row as it was before the batch.
 */
const countText = `
  with started as materialized (
    select owner, due_at, late_ms, width_bucket(late_ms, '${bounds}'::bigint[]) as cell from (
      select '=' || coalesce(c.owner_id, j.owner_id) as owner, coalesce(c.due_at, j.due_at) as due_at,
             greatest(0, extract(epoch from ${ms('c.started_at')} - ${ms('coalesce(c.due_at, j.due_at)')}) * 1000)::bigint
               as late_ms
      from ${unnest(columns)}
      left join jobs j on j.job_id = c.job_id
      where j.revision is null or j.revision < c.revision
    ) late
    where due_at is not null
  )
  insert into lateness as t (minutes, at, whose, cell, starts, worst_ms)
  select step.minutes, date_bin(step.minutes * interval '1 minute', due_at, '1970-01-01T00:00:00Z'), whose.name,
         cell, count(*), max(late_ms)
  from started
  cross join (values (1), (60)) as step(minutes)
  cross join lateral (values ('*'), (owner)) as whose(name)
  group by 1, 2, 3, 4
  on conflict (minutes, at, whose, cell) do update set
    starts = t.starts + excluded.starts, worst_ms = greatest(t.worst_ms, excluded.worst_ms)`;

/**
 * One statement for all starts of a batch. Comes before the changes of `jobs` in the same transaction, as that of
 * the status feed does.
 */
export const latenessStatements = (changes: readonly JobChange[]): readonly Statement[] => {
  const rows = changes.flatMap((change) => change.starts.map((start) => ({ change, start })));
  return rows.length === 0
    ? []
    : [{ name: 'lateness_count', text: countText, values: parameters(columns, rows) }];
};

/** Some minutes of many owners. */
const TRIM_ROWS = 10_000;

const oldest = (minutes: number): string => `
  (select ctid from lateness where minutes = ${minutes} and at < now() - $2 * interval '1 millisecond'
   order by minutes, at limit $1)`;

const trimText = `
  delete from lateness where ctid = any(array(select ctid from (${oldest(1)} union all ${oldest(60)}) old limit $1))`;

/** Removes up to `rows` of what was due longer ago than `keptMs`, the oldest first. @returns whether there may be more */
export const trimLateness = async (
  session: WriteSession,
  keptMs = LATENESS_KEPT_MS,
  rows = TRIM_ROWS,
): Promise<boolean> => {
  const { rowCount } = await sendOne(session, { text: trimText, values: [rows, keptMs] });
  return rowCount === rows;
};
