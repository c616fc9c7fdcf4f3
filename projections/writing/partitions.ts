import { toTimestamp, type Instant, type Timestamp } from '../../domain/time';
import { inTransaction } from './transaction';
import { sendOne, type Statement, type WriteSession } from './write-session';

/** A calendar month in UTC, as a table name ends: `2026_11`. */
export type Month = string;

/** Name of the table that holds a month of a partitioned one: `due_jobs_2026_11`. */
export type Partition = string;

/** A due time lies at most a year ahead, so a partition is there a month before it can be needed. */
const MONTHS_AHEAD = 13;

/** Who makes partitions now and then only makes them for two years: they last for one. */
export const MONTHS_FAR_AHEAD = 25;

/** A past partition is kept this long, in case a slow dispatcher or a replay still looks at it. */
const KEPT_MS = 24 * 3_600_000;

export const monthIn = (timestamp: Timestamp): Month => timestamp.slice(0, 7).replace('-', '_');

const monthOf = (at: Instant): Month => monthIn(toTimestamp(at));

const startOf = (month: Month): Instant =>
  Date.parse(`${month.replace('_', '-')}-01T00:00:00.000Z`);

const nextMonth = (month: Month): Month => monthOf(startOf(month) + 32 * 24 * 3_600_000);

/** First and last bound of a month as SQL literals: constants let the planner leave all other partitions alone. */
const boundsOf = (month: Month): { readonly from: string; readonly to: string } => ({
  from: `'${toTimestamp(startOf(month))}'`,
  to: `'${toTimestamp(startOf(nextMonth(month)))}'`,
});

/** This month and those after it. */
export const monthsAhead = (now: Instant, count = MONTHS_AHEAD): readonly Month[] =>
  Array.from({ length: count }).reduce<readonly Month[]>(
    (months) => [...months, nextMonth(months.at(-1) ?? monthOf(now))],
    [monthOf(now)],
  );

/** Runners that change partitions at the same time wait for one another until they commit. */
const lock: Statement = {
  text: `select pg_advisory_xact_lock(hashtextextended('punctual due_jobs partitions', 0))`,
};

/**
 * Table of a month, for statements that name it.
 *
 * @throws RangeError for a month that is none: the text comes from an event and becomes part of a statement
 */
export const partitionOf = (table: string, month: Month): Partition => {
  if (!/^\d{4}_\d{2}$/.test(month)) throw new RangeError(`${month} is no month`);
  return `${table}_${month}`;
};

/** Those of this month and of the months ahead. */
export const partitionsAhead = (
  tables: readonly string[],
  now: Instant,
  count?: number,
): readonly Partition[] =>
  tables.flatMap((table) => monthsAhead(now, count).map((month) => partitionOf(table, month)));

const MONTH_LENGTH = '_2026_11'.length;

const monthOfPartition = (partition: Partition): Month => partition.slice(1 - MONTH_LENGTH);

const tableOfPartition = (partition: Partition): string => partition.slice(0, -MONTH_LENGTH);

export const isPartitionOf =
  (name: string) =>
  (table: string): boolean =>
    /_\d{4}_\d{2}$/.test(name) && tableOfPartition(name) === table;

const listPartitions = async (
  session: WriteSession,
  tables: readonly string[],
): Promise<ReadonlySet<Partition>> => {
  const { rows } = await sendOne(session, {
    text: `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
           where i.inhparent = any($1::regclass[])`,
    values: [tables],
  });
  return new Set(rows.map(({ name }) => String(name)));
};

/** Attached after it was made: that lets reads and writes of the other partitions go on. */
const creation = (partition: Partition): readonly Statement[] => {
  const table = tableOfPartition(partition);
  const { from, to } = boundsOf(monthOfPartition(partition));
  return [
    {
      text: `create table ${partition} (like ${table} including defaults)
             with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)`,
    },
    {
      text: `alter table ${table} attach partition ${partition} for values from (${from}) to (${to})`,
    },
  ];
};

/** Partitions are not there, and this role may not make them. A job that is due then stands still until they are. */
export class PartitionMissing extends Error {
  override readonly name = 'PartitionMissing';
  readonly partitions: readonly Partition[];

  constructor(partitions: readonly Partition[], options: ErrorOptions) {
    super(
      `there is no ${partitions.join(', ')}, and no right to make it: run "punctual migrate" as the owner`,
      options,
    );
    this.partitions = partitions;
  }
}

const isNoRight = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '42501';

/**
 * Makes the partitions that are not there. Runs inside the caller's transaction.
 *
 * @throws PartitionMissing
 */
export const createPartitions = async (
  session: WriteSession,
  partitions: readonly Partition[],
): Promise<void> => {
  if (partitions.length === 0) return;
  await sendOne(session, lock);
  const tables = [...new Set(partitions.map(tableOfPartition))];
  const present = await listPartitions(session, tables);
  const missing = [...new Set(partitions)].filter((partition) => !present.has(partition));
  if (missing.length === 0) return;
  try {
    await session.send(missing.flatMap(creation));
  } catch (error) {
    throw isNoRight(error) ? new PartitionMissing(missing, { cause: error }) : error;
  }
};

/** Whether the partition was empty and is gone; one that somebody uses is left for the next time. */
const dropIfEmpty = async (session: WriteSession, partition: Partition): Promise<boolean> =>
  await inTransaction(session, async () => {
    await session.send([lock, { text: `set local lock_timeout = '200ms'` }]);
    const present = await listPartitions(session, [tableOfPartition(partition)]);
    if (!present.has(partition)) return false;
    await sendOne(session, { text: `lock table ${partition} in access exclusive mode` });
    const { rowCount } = await sendOne(session, { text: `select from ${partition} limit 1` });
    if (rowCount > 0) return false;
    await sendOne(session, { text: `drop table ${partition}` });
    return true;
  });

const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '55P03';

/** Drops the partitions of past months that have become empty. */
const dropPast = async (
  session: WriteSession,
  tables: readonly string[],
  now: Instant,
): Promise<void> => {
  const current = monthOf(now - KEPT_MS);
  const past = [...(await listPartitions(session, tables))].filter(
    (partition) => monthOfPartition(partition) < current,
  );
  for (const partition of past) {
    try {
      await dropIfEmpty(session, partition);
    } catch (error) {
      if (isNoRight(error)) return; // the owner's to do, and an empty one costs little
      if (!isLockTimeout(error)) throw error;
    }
  }
};

export type Partitions = {
  /** Makes those of these that are missing; asks the database only about such as it has not seen. */
  readonly ensure: (partitions: readonly Partition[]) => Promise<void>;
  /**
   * Makes the months ahead and drops empty ones of the past.
   *
   * @returns partitions ahead that are missing for want of a right
   */
  readonly maintain: (now: Instant) => Promise<readonly Partition[]>;
};

const none = (): readonly Partition[] => [];

const partitionsIn = (error: unknown): readonly Partition[] => {
  if (error instanceof PartitionMissing) return error.partitions;
  throw error;
};

/** The partitions of tables by month as one session knows them. Calls must not overlap. */
export const monthlyPartitions = (session: WriteSession, tables: readonly string[]): Partitions => {
  const known = new Set<Partition>();

  const ensure = async (partitions: readonly Partition[]): Promise<void> => {
    const unknown = partitions.filter((partition) => !known.has(partition));
    if (unknown.length === 0) return;
    await inTransaction(session, () => createPartitions(session, unknown));
    for (const partition of unknown) known.add(partition);
  };

  return {
    ensure,
    maintain: async (now) => {
      known.clear();
      const missing = await ensure(partitionsAhead(tables, now)).then(none, partitionsIn);
      await dropPast(session, tables, now);
      known.clear();
      for (const partition of await listPartitions(session, tables)) known.add(partition);
      return missing;
    },
  };
};
