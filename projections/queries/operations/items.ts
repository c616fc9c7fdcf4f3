import type { Knex } from 'knex';
import { toldOutcome, type ToldOutcome } from '../../../domain/operation/outcomes';

export type OperationItem = ToldOutcome & {
  /** Its place among all, from 0 on. */
  readonly item: number;
  readonly jobId: string;
  /** What the job is called; absent for one that is not there, or not the operation's to change. */
  readonly name?: string;
};

export type ItemPage = {
  readonly items: readonly OperationItem[];
  /** The last item of the page; there when more follow. */
  readonly next?: number;
};

/** The jobs of an operation, in the order in which it goes through them. `waiting`: nobody has been there yet. */
export type OperationItems = (
  operationId: string,
  asked: {
    readonly limit: number;
    readonly after?: number;
    readonly outcome?: ToldOutcome['outcome'];
  },
) => Promise<ItemPage>;

/** What jobs are called: those of an owner, or without one anybody's. */
export type ItemNames = (
  jobIds: readonly string[],
  ownerId: string | undefined,
) => Promise<ReadonlyMap<string, string>>;

type Row = {
  readonly item: number;
  readonly job_id: string;
  readonly name: string | null;
  readonly outcome: string | null;
};

const narrowed = (outcome: ToldOutcome['outcome'] | undefined): string => {
  switch (outcome) {
    case undefined:
      return '';
    case 'waiting':
      return 'and i.outcome is null';
    case 'refused':
      return `and i.outcome not in ('changed', 'unchanged', 'left')`;
    default:
      return `and i.outcome = '${outcome}'`;
  }
};

export const operationItems =
  (db: Knex): OperationItems =>
  async (operationId, { limit, after = -1, outcome }) => {
    // of a stopped operation the batches that nobody went through are left alone
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select page.item, page.job_id, page.outcome, j.name
       from (
         select i.item, i.job_id, i.outcome, t.owner_id, t.definition
         from operations t
         join operation_batches b on b.operation_id = t.operation_id
         cross join lateral (
           select b.first_item + (u.n - 1)::integer as item, u.job_id,
                  case when u.outcome is null and t.ended_at is not null then 'left' else u.outcome end as outcome
           from unnest(b.job_ids, coalesce(b.outcomes, '{}')) with ordinality as u(job_id, outcome, n)) i
         where t.operation_id = ? and b.first_item + cardinality(b.job_ids) > ? and i.item > ? ${narrowed(outcome)}
         order by b.batch, i.item limit ?) page
       left join jobs j on j.job_id = page.job_id
         and (j.owner_id = page.owner_id or page.definition ->> 'role' = 'operator')
       order by page.item`,
      [operationId, after + 1, after, limit + 1],
    );
    const items = rows.slice(0, limit).map(({ item, job_id: jobId, name, outcome: told }) => ({
      item,
      jobId,
      ...(name !== null && { name }),
      ...toldOutcome(told ?? undefined),
    }));
    const last = items.at(-1);
    return rows.length > limit && last ? { items, next: last.item } : { items };
  };

export const itemNames =
  (db: Knex): ItemNames =>
  async (jobIds, ownerId) => {
    if (jobIds.length === 0) return new Map();
    const query = db('jobs')
      .select('job_id', 'name')
      .whereRaw('job_id = any(?::uuid[])', [[...jobIds]]);
    if (ownerId !== undefined) void query.where('owner_id', ownerId);
    const rows = (await query) as readonly { readonly job_id: string; readonly name: string }[]; // the select list
    return new Map(rows.map(({ job_id: jobId, name }) => [jobId, name]));
  };
