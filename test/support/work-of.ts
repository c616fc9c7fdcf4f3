import type { Knex } from 'knex';

type Plan = {
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks'?: number;
  readonly 'Shared Read Blocks'?: number;
  readonly Plans?: readonly Plan[];
};

/** What a statement cost, on a machine of any pace. */
export type Work = {
  readonly pages: number;
  /** Of the part of the plan that has most of them, those that it threw away included. */
  readonly rows: number;
};

const mostRows = (plan: Plan): number =>
  Math.max(
    (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'],
    ...(plan.Plans ?? []).map(mostRows),
  );

type Query = { readonly sql: string; readonly bindings?: readonly unknown[] };

const explained = async (db: Knex, { sql, bindings = [] }: Query): Promise<Work> => {
  const { rows } = await db.raw<{
    rows: readonly [{ 'QUERY PLAN': readonly [{ Plan: Plan }] }];
  }>(`explain (analyze, buffers, format json) ${sql.replace(/\$\d+/g, '?')}`, [
    ...bindings,
  ] as never);
  const plan = rows[0]['QUERY PLAN'][0].Plan;
  return {
    pages: (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
    rows: mostRows(plan),
  };
};

/** What the statements of a call that read tables look at, each of them. */
export const worksOf = async (db: Knex, call: () => Promise<unknown>): Promise<readonly Work[]> => {
  const queries: Query[] = [];
  const listen = (query: Query): void => {
    if (/^(select|with)/i.test(query.sql.trim())) queries.push(query);
  };
  db.on('query', listen);
  await call();
  db.removeListener('query', listen);
  const works: Work[] = [];
  for (const query of queries) works.push(await explained(db, query));
  return works;
};

/** What the first statement of a call looks at. */
export const workOf = async (db: Knex, call: () => Promise<unknown>): Promise<Work> => {
  const [first] = await worksOf(db, call);
  if (!first) throw new Error('the call reads nothing');
  return first;
};
