import type { Knex } from 'knex';
import { gramsOfName, labelOf } from './terms';

/** `more`: call again soon. `elsewhere`: another one is at it. */
export type SearchStep = 'more' | 'caught-up' | 'elsewhere';

export type SearchIndex = {
  /**
   * Brings the index nearer to what `jobs` holds, by one transaction of some 100 ms at most. What it has not come to
   * yet, `searched` takes from `jobs`.
   */
  readonly step: () => Promise<SearchStep>;
};

/** A transaction holds up nobody for long, and is worth its commit. */
const STEP_JOBS = 2_000;
/** A job has four rows or so in its life. */
const STEP_CHANGES = 8_000;

/**
 * Jobs of which the feed tells, after one position and up to another, that they are new or may be due at another time:
 * all of these are `scheduled` then.
 */
export const changedJobs = (after: string, upTo?: string): string => `
  select job_id from status_feed
  where position > ${after} ${upTo === undefined ? '' : `and position <= ${upTo}`} and status = 'scheduled'`;

/** SQL for the label of a job's name: the third of all. */
export const NAME_LABEL = 'labels[3]';

/** Writes what is to be found of some jobs. @param which  SQL condition on `jobs` */
const write = (which: string, before = ''): string => `
  with ${before} found as materialized (
    select job_id, due_at, ${labelOf('owner', 'owner_id')} as owner, ${labelOf('queue', 'queue')} as queue,
           ${labelOf('name', 'name')} as label, name, tags
    from jobs where ${which}),
  named as (
    insert into search_names (owner, label, name, grams)
    select f.owner, f.label, f.name, g.grams
    from (select distinct on (owner, label) owner, label, name from found) as f
    cross join lateral (${gramsOfName('f.name')}) as g (grams)
    where f.name <> '' and not exists (select from search_names n where n.owner = f.owner and n.label = f.label)
    on conflict do nothing)
  insert into search_jobs as s (job_id, due_at, labels)
  select job_id, due_at, array[owner, queue, label] || array(select ${labelOf('tag', 'tag')} from unnest(tags) as tag)
  from found
  on conflict (job_id) do update set due_at = excluded.due_at, labels = excluded.labels
  where (s.due_at, s.labels) is distinct from (excluded.due_at, excluded.labels)`;

const writeRefilled = {
  upTo: write('job_id > :after and job_id <= :upTo'),
  last: write('job_id > :after'),
};

const writeFollowed = write(
  'job_id in (select job_id from changed union select job_id from late)',
  `late as (delete from search_pending returning job_id),
   changed as (${changedJobs(':after', ':upTo')}),`,
);

/** Of jobs that the log does not have any more. */
const dropGone = (range: string): string => `
  delete from search_jobs s where ${range} and not exists (select from jobs j where j.job_id = s.job_id)`;

type Progress = {
  readonly position: string;
  readonly is_whole: boolean;
  readonly refilled_to: string;
  readonly head: string;
  readonly live: string;
  readonly is_of_these: boolean;
};

const readProgress = async (transaction: Knex): Promise<Progress | undefined> => {
  const { rows } = await transaction.raw<{ rows: readonly Progress[] }>(`
    select p.position, p.is_whole, p.refilled_to, c.position as head, c.generation as live,
           p.generation is not distinct from c.generation as is_of_these
    from search_progress p, checkpoint c where c.projection = 'jobs' for update of p skip locked`);
  return rows[0];
};

/** Whatever happens to a job from here on, the feed tells after this position. */
const begin = async (transaction: Knex, { head, live }: Progress): Promise<SearchStep> => {
  await transaction.raw(
    `update search_progress set position = ?, generation = ?, is_whole = false, refilled_to = default`,
    [head, live],
  );
  return 'more';
};

const refill = async (transaction: Knex, { refilled_to: after }: Progress): Promise<SearchStep> => {
  const { rows } = await transaction.raw<{ rows: readonly { readonly job_id: string }[] }>(
    'select job_id from jobs where job_id > ? order by job_id offset ? limit 1',
    [after, STEP_JOBS - 1],
  );
  const upTo = rows[0]?.job_id;
  if (upTo === undefined) {
    await transaction.raw(writeRefilled.last, { after });
    await transaction.raw(dropGone('s.job_id > ?'), [after]);
    await transaction.raw('update search_progress set is_whole = true');
  } else {
    await transaction.raw(writeRefilled.upTo, { after, upTo });
    await transaction.raw(dropGone('s.job_id > ? and s.job_id <= ?'), [after, upTo]);
    await transaction.raw('update search_progress set refilled_to = ?', [upTo]);
  }
  return 'more';
};

type Tail = { readonly changes: number; readonly last: string | null; readonly is_late: boolean };

const follow = async (transaction: Knex, { position }: Progress): Promise<SearchStep> => {
  const { rows } = await transaction.raw<{ rows: readonly Tail[] }>(
    `select count(*)::integer as changes, max(position) as last, exists (select from search_pending) as is_late
     from (select position from status_feed where position > ? order by position limit ?) as tail`,
    [position, STEP_CHANGES],
  );
  const [tail] = rows;
  const upTo = tail?.last ?? position;
  if (upTo === position && tail?.is_late !== true) return 'caught-up';
  await transaction.raw(writeFollowed, { after: position, upTo });
  await transaction.raw('update search_progress set position = ?', [upTo]);
  return tail?.changes === STEP_CHANGES ? 'more' : 'caught-up';
};

/** SQLSTATE of a row that somebody else has changed since this transaction began. */
const CHANGED_MEANWHILE = '40001';

const isBeaten = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === CHANGED_MEANWHILE;

/**
 * The index that lists are searched by, made of `jobs` and kept by `status_feed`, beside the projector and not in its
 * turn. It is a cache: emptied, exchanged or left behind for longer than the feed is kept, it is made again.
 */
export const searchIndex = (db: Knex): SearchIndex => ({
  step: async () => {
    try {
      return await db.transaction(
        async (transaction) => {
          const progress = await readProgress(transaction);
          if (!progress) return 'elsewhere';
          if (!progress.is_of_these) return await begin(transaction, progress);
          return await (progress.is_whole ? follow : refill)(transaction, progress);
        },
        { isolationLevel: 'repeatable read' }, // rows, feed and checkpoint are those of one moment
      );
    } catch (error) {
      if (isBeaten(error)) return 'elsewhere';
      throw error;
    }
  },
});
