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

/** What the first statement of a call looks at. */
export const workOf = async (db: Knex, call: () => Promise<unknown>): Promise<Work> => {
  let statement = { sql: '', bindings: [] as readonly unknown[] };
  db.once('query', (query: typeof statement) => (statement = query));
  await call();
  const { rows } = await db.raw<{
    rows: readonly [{ 'QUERY PLAN': readonly [{ Plan: Plan }] }];
  }>(`explain (analyze, buffers, format json) ${statement.sql.replace(/\$\d+/g, '?')}`, [
    ...statement.bindings,
  ] as never);
  const plan = rows[0]['QUERY PLAN'][0].Plan;
  return {
    pages: (plan['Shared Hit Blocks'] ?? 0) + (plan['Shared Read Blocks'] ?? 0),
    rows: mostRows(plan),
  };
};
