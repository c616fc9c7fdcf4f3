import { toTimestamp, type Instant, type Timestamp } from '../../domain/time';
import { inTransaction } from './transaction';
import { sendOne, type Statement, type WriteSession } from './write-session';

/** A calendar month in UTC, as a table name ends: `2026_11`. One partition of due_jobs. */
export type Month = string;

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
export const partitionOf = (month: Month): string => {
  if (!/^\d{4}_\d{2}$/.test(month)) throw new RangeError(`${month} is no month`);
  return `due_jobs_${month}`;
};

const existing: Statement = {
  text: `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
         where i.inhparent = 'due_jobs'::regclass`,
};

const listMonths = async (session: WriteSession): Promise<ReadonlySet<Month>> => {
  const { rows } = await sendOne(session, existing);
  return new Set(rows.map(({ name }) => String(name).slice('due_jobs_'.length)));
};

/** Attached after it was made: that lets reads and writes of the other partitions go on. */
const creation = (month: Month): readonly Statement[] => {
  const { from, to } = boundsOf(month);
  return [
    {
      text: `create table ${partitionOf(month)} (like due_jobs including defaults)
             with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)`,
    },
    {
      text: `alter table due_jobs attach partition ${partitionOf(month)} for values from (${from}) to (${to})`,
    },
  ];
};

/** Partitions are not there, and this role may not make them. A job that is due then stands still until they are. */
export class PartitionMissing extends Error {
  override readonly name = 'PartitionMissing';
  readonly months: readonly Month[];

  constructor(months: readonly Month[], options: ErrorOptions) {
    const tables = months.map(partitionOf).join(', ');
    super(
      `there is no ${tables}, and no right to make it: run "punctual migrate" as the owner`,
      options,
    );
    this.months = months;
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
  months: readonly Month[],
): Promise<void> => {
  await sendOne(session, lock);
  const present = await listMonths(session);
  const missing = [...new Set(months)].filter((month) => !present.has(month));
  if (missing.length === 0) return;
  try {
    await session.send(missing.flatMap(creation));
  } catch (error) {
    throw isNoRight(error) ? new PartitionMissing(missing, { cause: error }) : error;
  }
};

/** Whether the partition was empty and is gone; one that somebody uses is left for the next time. */
const dropIfEmpty = async (session: WriteSession, month: Month): Promise<boolean> => {
  const table = partitionOf(month);
  return await inTransaction(session, async () => {
    await session.send([lock, { text: `set local lock_timeout = '200ms'` }]);
    if (!(await listMonths(session)).has(month)) return false;
    await sendOne(session, { text: `lock table ${table} in access exclusive mode` });
    const { rowCount } = await sendOne(session, { text: `select from ${table} limit 1` });
    if (rowCount > 0) return false;
    await sendOne(session, { text: `drop table ${table}` });
    return true;
  });
};

const isLockTimeout = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '55P03';

/** Drops the partitions of past months that have become empty. */
const dropPast = async (session: WriteSession, now: Instant): Promise<void> => {
  const current = monthOf(now - KEPT_MS);
  const past = [...(await listMonths(session))].filter((month) => month < current);
  for (const month of past) {
    try {
      await dropIfEmpty(session, month);
    } catch (error) {
      if (isNoRight(error)) return; // the owner's to do, and an empty one costs little
      if (!isLockTimeout(error)) throw error;
    }
  }
};

export type Partitions = {
  /** Makes what is missing for these months; asks the database only about months it has not seen. */
  readonly ensure: (months: readonly Month[]) => Promise<void>;
  /**
   * Makes the months ahead and drops empty ones of the past.
   *
   * @returns months ahead that are missing for want of a right
   */
  readonly maintain: (now: Instant) => Promise<readonly Month[]>;
};

const noMonths = (): readonly Month[] => [];

const monthsOf = (error: unknown): readonly Month[] => {
  if (error instanceof PartitionMissing) return error.months;
  throw error;
};

/** The partitions of due_jobs as one session knows them. Calls must not overlap. */
export const duePartitions = (session: WriteSession): Partitions => {
  const known = new Set<Month>();

  const ensure = async (months: readonly Month[]): Promise<void> => {
    const unknown = months.filter((month) => !known.has(month));
    if (unknown.length === 0) return;
    await inTransaction(session, () => createPartitions(session, unknown));
    for (const month of unknown) known.add(month);
  };

  return {
    ensure,
    maintain: async (now) => {
      known.clear();
      const missing = await ensure(monthsAhead(now)).then(noMonths, monthsOf);
      await dropPast(session, now);
      known.clear();
      for (const month of await listMonths(session)) known.add(month);
      return missing;
    },
  };
};
