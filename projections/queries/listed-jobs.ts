import type { Knex } from 'knex';
import type { JobFilter, JobKey } from '../../domain/job/filter';
import { JOB_COLUMNS, type JobRow } from './job-row';
import { indexed, latestFirst, narrow, startAfter } from './narrow';
import { searchedIds } from './searched-jobs';

/** Whether a row could have been dispatched already: only such a job can be held back. */
const IS_DUE = `(status = 'scheduled' and due_at <= now()) as is_due`;

/** Select list of a ListedRow without its payload. */
export const LISTED_COLUMNS = `${JOB_COLUMNS}, ${IS_DUE}`;

export type ListedRow = JobRow & { readonly is_due: boolean };

type Page = {
  readonly limit: number;
  readonly after: JobKey | undefined;
  /** What many jobs have is found among so many of the list: quicker than by any index. */
  readonly nearby: number;
};

/** Reads jobs in the order of the list until the page is full. */
const scanned = (
  db: Knex,
  filter: JobFilter,
  { limit, after }: Omit<Page, 'nearby'>,
): Knex.QueryBuilder => {
  const query = db('jobs').select(db.raw(LISTED_COLUMNS));
  narrow(query, filter);
  startAfter(query, after);
  return latestFirst(query, limit);
};

/** The same among the next few of the list only. */
const nearest = (
  db: Knex,
  filter: JobFilter,
  { limit, after, nearby }: Page,
): Knex.QueryBuilder => {
  const query = db
    .select('*')
    .from(scanned(db, indexed(filter), { limit: nearby, after }).as('nearest'));
  narrow(query, filter);
  return latestFirst(query, limit);
};

/** Whether those few were all that there are. */
const isAll = async (db: Knex, filter: JobFilter, { after, nearby }: Page): Promise<boolean> => {
  const beyond = db('jobs').select(db.raw('1'));
  narrow(beyond, indexed(filter));
  startAfter(beyond, after);
  const rows = (await latestFirst(beyond, 1).offset(nearby)) as readonly unknown[];
  return rows.length === 0;
};

const inOneMoment = { isolationLevel: 'repeatable read', readOnly: true } as const;

/** Searched for: what an index in the order of lists does not narrow. */
export const isSearch = ({ tag, queue, q, scheduleId, errorCode }: JobFilter): boolean =>
  scheduleId === undefined &&
  errorCode === undefined &&
  q !== '' &&
  (tag ?? queue ?? q) !== undefined;

/** Rows of a page. The search goes by the list as far as that is short, then by its index, and by the list without one. */
export const listedRows = async (
  db: Knex,
  filter: JobFilter,
  page: Page,
): Promise<readonly ListedRow[]> => {
  // the select lists are a ListedRow's
  if (!isSearch(filter)) return (await scanned(db, filter, page)) as readonly ListedRow[];
  return await db.transaction(async (transaction) => {
    const near = (await nearest(transaction, filter, page)) as readonly ListedRow[];
    if (near.length === page.limit || (await isAll(transaction, filter, page))) return near;
    const searched = await searchedIds(transaction, filter, page);
    if (!searched) return (await scanned(transaction, filter, page)) as readonly ListedRow[];
    const found = transaction('jobs')
      .select(transaction.raw(LISTED_COLUMNS))
      .whereIn('job_id', searched.ids);
    return (await latestFirst(found, page.limit)) as readonly ListedRow[];
  }, inOneMoment);
};
