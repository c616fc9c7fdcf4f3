import type { Knex } from 'knex';
import { toTimestamp, type Timestamp } from '../../domain/time';

/** Jobs that failed for good, and can be redriven. */
export const IS_DEAD = `status = 'failed'`;

/** The code of a job's error; letter by letter as in the indexes of 0026 and 0028, which are not used else. */
export const ERROR_CODE = `(coalesce(case when error::text !~* '\\\\u(0000|d[89a-f])' then left(error ->> 'code', 200) end, '') collate "C")`;

/** Dead letters of one error code and one queue. */
export type DeadLetterCause = {
  readonly errorCode: string;
  readonly queue: string;
  readonly jobs: number;
  /** False: there are more than `jobs`. */
  readonly isCounted: boolean;
  /** When the first and the last of them failed. */
  readonly firstAt: Timestamp;
  readonly lastAt: Timestamp;
  /** The one that failed last, and what it said. */
  readonly last: {
    readonly jobId: string;
    readonly ownerId: string;
    readonly name: string;
    readonly message: string;
  };
};

export type DeadLetters = {
  /** What failed last comes first. */
  readonly causes: readonly DeadLetterCause[];
  /** False: there are more causes. */
  readonly isComplete: boolean;
};

/**
 * Dead letters by cause.
 *
 * @param ownerId    undefined: everybody's, for operators
 * @param maxCauses  so many are told, the first ones by code and queue
 * @param maxCounted so many jobs are counted, of all causes together
 */
export type DeadLettersOf = (
  ownerId: string | undefined,
  maxCauses: number,
  maxCounted: number,
) => Promise<DeadLetters>;

type Row = {
  readonly code: string;
  readonly queue: string;
  readonly counted: number;
  readonly up_to: number;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly job_id: string;
  readonly owner_id: string;
  readonly name: string;
  readonly message: string | null;
};

/** The message of an error that Postgres can read. */
const MESSAGE = `case when error::text !~* '\\\\u(0000|d[89a-f])' then error ->> 'message' end`;

/**
 * Each cause is the next step through the index, its first, its last and its count one more each: what there is
 * beside what is told costs nothing.
 */
const textFor = (whose: string): string => `
  with recursive steps as (
    (select ${ERROR_CODE} as code, queue from jobs where ${IS_DEAD} ${whose} order by ${ERROR_CODE}, queue limit 1)
    union all
    select following.* from steps cross join lateral (
      select ${ERROR_CODE} as code, jobs.queue from jobs
      where ${IS_DEAD} ${whose} and (${ERROR_CODE}, jobs.queue) > (steps.code, steps.queue)
      order by ${ERROR_CODE}, jobs.queue limit 1) following),
  causes as materialized (select code, queue from steps limit :maxCauses + 1),
  share as materialized (select greatest(1, :maxCounted / greatest(1, count(*)))::integer as up_to from causes)
  select causes.code, causes.queue, share.up_to, counted.jobs as counted, first.finished_at as first_at,
         last.finished_at as last_at, last.job_id, last.owner_id, last.name, last.message
  from causes cross join share
  cross join lateral (
    select count(*)::integer as jobs from (
      select from jobs where ${IS_DEAD} ${whose} and ${ERROR_CODE} = causes.code and jobs.queue = causes.queue
      limit share.up_to + 1) found) counted
  cross join lateral (
    select finished_at from jobs where ${IS_DEAD} ${whose} and ${ERROR_CODE} = causes.code and jobs.queue = causes.queue
    order by finished_at limit 1) first
  cross join lateral (
    select job_id, owner_id, name, finished_at, ${MESSAGE} as message from jobs
    where ${IS_DEAD} ${whose} and ${ERROR_CODE} = causes.code and jobs.queue = causes.queue
    order by finished_at desc limit 1) last
  order by causes.code, causes.queue`;

const TEXT = { ofAll: textFor(''), ofOne: textFor('and owner_id = :ownerId') } as const;

const causeOf = (row: Row): DeadLetterCause => ({
  errorCode: row.code,
  queue: row.queue,
  jobs: Math.min(row.counted, row.up_to),
  isCounted: row.counted <= row.up_to,
  firstAt: toTimestamp(row.first_at.getTime()),
  lastAt: toTimestamp(row.last_at.getTime()),
  last: {
    jobId: row.job_id,
    ownerId: row.owner_id,
    name: row.name,
    message: row.message ?? '',
  },
});

export const deadLetters =
  (db: Pick<Knex, 'raw'>): DeadLettersOf =>
  async (ownerId, maxCauses, maxCounted) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      ownerId === undefined ? TEXT.ofAll : TEXT.ofOne,
      { maxCauses, maxCounted, ...(ownerId !== undefined && { ownerId }) },
    );
    return {
      causes: rows
        .slice(0, maxCauses)
        .toSorted((a, b) => b.last_at.getTime() - a.last_at.getTime())
        .map(causeOf),
      isComplete: rows.length <= maxCauses,
    };
  };
