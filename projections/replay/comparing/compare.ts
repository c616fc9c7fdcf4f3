import type { Instant } from '../../../domain/time';
import { toTimestamp } from '../../../domain/time';
import { sendOne, type WriteSession } from '../../writing/write-session';
import { rowDifference, type ComparedRow, type TableDifference } from './difference';
import { bucketsOf, type Bucket } from './buckets';
import { quoted, READ_TABLES, type ReadTable } from '../names';

/** How a table is compared. The texts are SQL over a row called `t`. */
type Comparison = {
  readonly key: readonly string[];
  /** A number from 0 to 255: rows of one bucket are hashed together. */
  readonly bucket: string;
  /** Columns that are compared; all unless told. */
  readonly columns?: readonly string[];
  /** Rows that are compared; all unless told. */
  readonly where?: string;
};

const bySlot = 'get_byte(uuid_send(t.job_id), 15)';

const comparisons = (
  projection: string,
  feedSince: Instant,
): Readonly<Record<ReadTable, Comparison>> => ({
  jobs: { key: ['job_id'], bucket: bySlot },
  due_jobs: { key: ['job_id', 'due_at'], bucket: bySlot },
  status_feed: {
    key: ['position'],
    bucket: bySlot,
    // what is older may have been removed from one of the two, and not yet from the other
    where: `t.at >= '${toTimestamp(feedSince)}'`,
  },
  parked_streams: {
    key: ['stream'],
    bucket: '0',
    columns: ['stream', 'revision', 'position'],
    where: `t.projection = '${projection}'`,
  },
});

export type CompareDeps = {
  /** In a transaction whose snapshot shows both at the same position. */
  readonly session: WriteSession;
  readonly live: string;
  readonly shadow: string;
  readonly projection: string;
  /** Status changes before this are not compared. */
  readonly feedSince: Instant;
  /** Rows told of each table at most. */
  readonly maxDiffs: number;
  /** Told of rows that were compared; resolves when more may be. */
  readonly rowsRead: (count: number) => Promise<void>;
};

const columnsOf = async (
  session: WriteSession,
  schema: string,
  table: string,
): Promise<readonly string[]> => {
  const { rows } = await sendOne(session, {
    text: `select column_name as name from information_schema.columns
           where table_schema = $1 and table_name = $2 order by ordinal_position`,
    values: [schema, table],
  });
  return rows.map(({ name }) => String(name));
};

const list = (columns: readonly string[]): string =>
  columns.map((column) => `t.${quoted(column)}`).join(', ');

const asTexts = (columns: readonly string[]): string =>
  `array[${columns.map((column) => `t.${quoted(column)}::text`).join(', ')}]`;

const hashedRows = (
  schema: string,
  table: string,
  { bucket, where = 'true' }: Comparison,
  columns: readonly string[],
): string => `
  select ${bucket} as bucket, encode(sha256(convert_to(row(${list(columns)})::text, 'UTF8')), 'hex') as hash
  from ${quoted(schema)}.${quoted(table)} t where ${where}`;

const countRows = async (
  session: WriteSession,
  schema: string,
  table: string,
  { where = 'true' }: Comparison,
): Promise<number> => {
  const { rows } = await sendOne(session, {
    text: `select count(*) from ${quoted(schema)}.${quoted(table)} t where ${where}`,
  });
  return Number(rows[0]?.['count']);
};

const isSame = (one: Bucket | undefined, other: Bucket | undefined): boolean =>
  one !== undefined && other !== undefined && Buffer.from(one.hash).equals(other.hash);

const differentBuckets = (
  live: ReadonlyMap<number, Bucket>,
  rebuilt: ReadonlyMap<number, Bucket>,
): readonly number[] =>
  [...new Set([...live.keys(), ...rebuilt.keys()])].filter(
    (bucket) => !isSame(live.get(bucket), rebuilt.get(bucket)),
  );

/** Rows of some buckets side by side; at most `limit`. */
const differentRows = async (
  { session, live, shadow }: CompareDeps,
  table: string,
  { key, bucket, where = 'true' }: Comparison,
  columns: readonly string[],
  buckets: readonly number[],
  limit: number,
): Promise<readonly ComparedRow[]> => {
  const side = (schema: string): string => `
    (select ${list(key)}, ${asTexts(columns)} as texts, concat_ws(' ', ${list(key)}) as shown_key
     from ${quoted(schema)}.${quoted(table)} t where ${where} and ${bucket} = any($1::integer[]))`;
  const { rows } = await sendOne(session, {
    text: `
      select coalesce(l.shown_key, r.shown_key) as key, l.texts as live, r.texts as rebuilt
      from ${side(live)} l full join ${side(shadow)} r using (${key.map(quoted).join(', ')})
      where l.texts is distinct from r.texts
      order by ${key.map(quoted).join(', ')} limit $2`,
    values: [buckets, limit],
  });
  return rows as readonly ComparedRow[]; // the columns of the statement above
};

const rowsIn = (buckets: ReadonlyMap<number, Bucket>): number =>
  [...buckets.values()].reduce((sum, { rows }) => sum + rows, 0);

/** Counts, then hashes of buckets, then the rows of the buckets that differ. */
const compareTable = async (deps: CompareDeps, table: ReadTable): Promise<TableDifference> => {
  const { session, live, shadow, projection, feedSince, maxDiffs, rowsRead } = deps;
  const comparison = comparisons(projection, feedSince)[table];
  const none = { table, rows: [], isCutOff: false };
  if ((await columnsOf(session, live, table)).length === 0)
    return {
      ...none,
      liveRows: undefined,
      rebuiltRows: await countRows(session, shadow, table, comparison),
    };

  const columns = comparison.columns ?? (await columnsOf(session, shadow, table));
  const hashed = (schema: string) =>
    bucketsOf(session, hashedRows(schema, table, comparison, columns), rowsRead);
  const rebuilt = await hashed(shadow);
  const rebuiltRows = rowsIn(rebuilt);
  const known = await hashed(live);
  const liveRows = rowsIn(known);
  const buckets = differentBuckets(known, rebuilt);
  if (buckets.length === 0) return { ...none, liveRows, rebuiltRows };
  const rows = await differentRows(deps, table, comparison, columns, buckets, maxDiffs + 1);
  return {
    table,
    liveRows,
    rebuiltRows,
    rows: rows.slice(0, maxDiffs).map((row) => rowDifference(columns, row)),
    isCutOff: rows.length > maxDiffs,
  };
};

/** Each read table in turn. */
export async function* compareTables(deps: CompareDeps): AsyncIterable<TableDifference> {
  for (const table of READ_TABLES) yield await compareTable(deps, table);
}
