import type { Knex } from 'knex';
import type { Instant } from '../../domain/time';

/** Blocks that are older become one for each span, as long as what lies between two of them stays readable at once. */
type Step = { readonly olderThanMs: number; readonly spanMs: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Everything for a day, then one state of a job an hour, after a month one a day. */
const steps: readonly Step[] = [
  { olderThanMs: DAY_MS, spanMs: HOUR_MS },
  { olderThanMs: 30 * DAY_MS, spanMs: DAY_MS },
];

export type JoinLimits = {
  /** A list of the past reads at most so much of the log from an old block on: some seconds … */
  readonly maxEvents: number;
  readonly maxBytes: number;
};

export const joinLimits: JoinLimits = { maxEvents: 200_000, maxBytes: 256 * 1024 * 1024 };

/** Blocks that are looked at together. */
const LOOK_BLOCKS = 200;

type Row = {
  readonly end_position: string;
  readonly previous_position: string;
  readonly newest_at_ms: string;
  readonly events: number;
  readonly bytes: string;
};

/** The oldest blocks of a step that follow each other within one span and the limits; those after them are for another time. */
const firstRun = (rows: readonly Row[], spanMs: number, limits: JoinLimits): readonly Row[] => {
  const run: Row[] = [];
  let [events, bytes] = [0, 0];
  for (const row of rows) {
    const last = run.at(-1);
    const span = ({ newest_at_ms }: Row): number => Math.floor(Number(newest_at_ms) / spanMs);
    events += row.events;
    bytes += Number(row.bytes);
    const isFitting = events <= limits.maxEvents && bytes <= limits.maxBytes;
    const follows = last?.end_position === row.previous_position && span(last) === span(row);
    if (last && !(isFitting && follows)) break;
    run.push(row);
  }
  return run;
};

/**
 * Of each job the newest state in the joined blocks is all that lists of the past may take from now on; rows keep
 * the block in which they were made, so that nothing is written again.
 */
const DROP_ROWS = `
  delete from job_snapshots s
  where s.block_end > :from and s.block_end < :to and exists (
    select from job_snapshots n
    where n.job_id = s.job_id and n.block_end > s.block_end and n.block_end <= :to)`;

const DROP_BLOCKS = `
  with gone as (
    delete from snapshot_blocks where end_position > :from and end_position < :to
    returning oldest_at_ms, events, bytes
  )
  select min(oldest_at_ms) as oldest, coalesce(sum(events), 0) as events, coalesce(sum(bytes), 0) as bytes from gone`;

const JOIN = `
  update snapshot_blocks set previous_position = :from, step = :step,
    oldest_at_ms = least(oldest_at_ms, cast(:oldest as bigint)),
    events = events + cast(:events as integer), bytes = bytes + cast(:bytes as bigint)
  where end_position = :to`;

type Sum = { readonly oldest: string | null; readonly events: string; readonly bytes: string };

const joinFirst = async (
  db: Pick<Knex, 'transaction'>,
  index: number,
  { olderThanMs, spanMs }: Step,
  now: Instant,
  limits: JoinLimits,
): Promise<boolean> =>
  await db.transaction(async (tx) => {
    const before = Math.floor((now - olderThanMs) / spanMs) * spanMs; // spans that no block can be added to
    const { rows } = await tx.raw<{ rows: readonly Row[] }>(
      `select end_position, previous_position, newest_at_ms, events, bytes from snapshot_blocks
       where step = ? and newest_at_ms < ? order by end_position limit ? for update`,
      [index, String(before), LOOK_BLOCKS],
    );
    const run = firstRun(rows, spanMs, limits);
    const [first, last] = [run[0], run.at(-1)];
    if (!first || !last) return false;
    const range = { from: first.previous_position, to: last.end_position };
    await tx.raw(DROP_ROWS, range);
    const { rows: sums } = await tx.raw<{ rows: readonly Sum[] }>(DROP_BLOCKS, range);
    await tx.raw(JOIN, { ...range, ...(sums[0] ?? {}), step: index + 1 });
    return true;
  });

/**
 * Joins the oldest blocks that are old enough. Lists of the past stay what they are: they begin at an older block,
 * and read more of the log.
 *
 * @returns whether something was joined, so there may be more
 */
export const thinSnapshots = async (
  db: Pick<Knex, 'transaction'>,
  now: Instant,
  limits: JoinLimits = joinLimits,
): Promise<boolean> => {
  for (const [index, step] of steps.entries())
    if (await joinFirst(db, index, step, now, limits)) return true;
  return false;
};
