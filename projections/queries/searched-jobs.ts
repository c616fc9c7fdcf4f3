import type { Knex } from 'knex';
import type { JobFilter, JobKey } from '../../domain/job/filter';
import { changedJobs, NAME_LABEL } from '../search/search-index';
import { gramsOfPart, labelOf } from '../search/terms';
import { plainArray, textArray } from '../writing/unnest';
import { containing, dueRange, latestFirst, narrow, startAfter } from './narrow';

/** More changes than this after where the index is: it is left aside until it has caught up. */
const MAX_CHANGES = 20_000;
/** So many names are looked up in the index: it compares each job that has one of them with each of them. */
const MAX_LOOKED_UP = 20;
/** A text that is part of more names is left to a scan, which soon meets one. */
const MAX_NAMES = 2_000;
/** The same with the names of each owner counted for themselves. */
const MAX_OWNED_NAMES = 30_000;

/** Looked up one by one, however many the planner takes them for: it would rather read all jobs. */
const CHANGED_ROWS = `
  (select j.* from changed cross join lateral (
     select job_id, due_at, owner_id, status, queue, tags, name from jobs where jobs.job_id = changed.job_id limit 1
   ) as j) as jobs`;

type Terms = {
  readonly position: string;
  readonly changes: number;
  /** Of owner, tag and queue, those that are asked for. */
  readonly labels: readonly string[];
  readonly owner: string | null;
  readonly grams: readonly number[] | null;
};

/** What a filter is called in the index, and how far that is; undefined while it cannot be relied upon. */
const readTerms = async (
  transaction: Knex,
  { ownerId, tag, queue, q }: JobFilter,
): Promise<Terms | undefined> => {
  const asked = { owner: ownerId, tag, queue };
  const labels = (['owner', 'tag', 'queue'] as const).flatMap((kind) =>
    asked[kind] === undefined ? [] : [labelOf(kind, `:${kind}::text`)],
  );
  const { rows } = await transaction.raw<{ rows: readonly Terms[] }>(
    `select p.position, array[${labels.join(', ')}]::text[] as labels,
            ${ownerId === undefined ? 'null' : labelOf('owner', ':owner::text')} as owner,
            ${q === undefined ? 'null' : `(${gramsOfPart(':q::text')})`} as grams,
            (select count(*)::integer from (
               select from status_feed where position > p.position limit ${MAX_CHANGES + 1}) as tail) as changes
     from search_progress p join checkpoint c on c.projection = 'jobs' and c.generation = p.generation
     where p.is_whole`,
    Object.fromEntries(
      Object.entries({ ...asked, q }).filter(([, value]) => value !== undefined),
    ) as Readonly<Record<string, string>>,
  );
  const [terms] = rows;
  return terms && terms.changes <= MAX_CHANGES ? terms : undefined;
};

/** Labels of the names that have this text in them; undefined when those are many. */
const readNames = async (
  transaction: Knex,
  q: string,
  { owner, grams }: Terms,
): Promise<readonly string[] | undefined> => {
  const owned = transaction('search_names')
    .select('label')
    .whereRaw('grams @> ?::integer[]', [plainArray(grams ?? [])])
    .whereRaw('name ilike ?', [containing(q)])
    .limit(MAX_OWNED_NAMES + 1);
  if (owner !== null) void owned.where('owner', owner);
  const rows = (await transaction
    .select('label', transaction.raw('count(*)::integer as owners'))
    .from(owned.as('owned'))
    .groupBy('label')
    .limit(MAX_NAMES + 1)) as readonly { readonly label: string; readonly owners: number }[]; // the select list
  const ownedNames = rows.reduce((sum, { owners }) => sum + owners, 0);
  const isMany = rows.length > MAX_NAMES || ownedNames > MAX_OWNED_NAMES;
  return isMany ? undefined : rows.map(({ label }) => label);
};

/** Of jobs that have not changed since, those that have all of the labels and one of the names. */
const known = (
  transaction: Knex,
  labels: readonly string[],
  names: readonly string[] | undefined,
): Knex.QueryBuilder => {
  const jobs = transaction('search_jobs')
    .select('job_id', 'due_at')
    .whereRaw('job_id not in (select job_id from changed)');
  if (labels.length > 0) void jobs.whereRaw('labels @> ?::text[]', [textArray(labels)]);
  if (names)
    void jobs.whereRaw(
      names.length <= MAX_LOOKED_UP ? 'labels && ?::text[]' : `${NAME_LABEL} = any(?::text[])`,
      [textArray(names)],
    );
  return jobs;
};

const lookedUp = (
  transaction: Knex,
  jobs: Knex.QueryBuilder,
  rest: JobFilter,
): Knex.QueryBuilder => {
  const fitting = transaction('jobs')
    .select('job_id', 'due_at')
    .whereIn('job_id', jobs.clearSelect().select('job_id'));
  narrow(fitting, rest);
  return fitting;
};

/**
 * A query for the ids of those jobs that are on a page, found by an index; undefined while that has not caught up, or
 * where it is of no help. What it does not know yet is taken from `jobs`, so that it is what a scan would give at this
 * moment.
 *
 * @param transaction  repeatable read: all that is asked for is of one moment
 */
export const searchedIds = async (
  transaction: Knex,
  filter: JobFilter,
  { limit, after }: { readonly limit: number; readonly after: JobKey | undefined },
): Promise<{ readonly ids: Knex.QueryBuilder } | undefined> => {
  const terms = await readTerms(transaction, filter);
  if (!terms) return undefined;
  const names = filter.q === undefined ? undefined : await readNames(transaction, filter.q, terms);
  const { status, tag, queue } = filter;
  const isNamed = filter.q === undefined || names !== undefined;
  if (!isNamed && tag === undefined && queue === undefined) return undefined;

  const old = known(transaction, terms.labels, names);
  narrow(old, dueRange(filter));
  startAfter(old, after);
  // what the index does not tell of a job, all are looked up for before the page is cut
  const rest = {
    ...(status !== undefined && { status }),
    ...(!isNamed && filter.q !== undefined && { q: filter.q }),
  };
  const fitting =
    Object.keys(rest).length === 0 ? latestFirst(old, limit) : lookedUp(transaction, old, rest);
  const changed = transaction.select('job_id', 'due_at').from(transaction.raw(CHANGED_ROWS));
  narrow(changed, filter);
  startAfter(changed, after);
  const ids = latestFirst(transaction.select('job_id').from('found'), limit);
  void ids
    .with(
      'changed',
      transaction.raw(`${changedJobs('?')} union select job_id from search_pending`, [
        terms.position,
      ]),
    )
    .withMaterialized('found', transaction.unionAll([fitting, changed], true));
  return { ids }; // by itself it would be awaited, and so be sent
};
