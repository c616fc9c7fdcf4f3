import type { Knex } from 'knex';

/** Up to which position of the log a kind of work is done, for the planner that comes next. */
export type PlannerProgress = {
  /** 0 when nobody has begun. */
  readonly load: (work: string) => Promise<bigint>;
  /** Another planner that is further is believed. */
  readonly save: (work: string, position: bigint) => Promise<void>;
};

export const plannerProgress = (db: Knex): PlannerProgress => ({
  load: async (work) => {
    const { rows } = await db.raw<{ rows: readonly { readonly position: string }[] }>(
      'select position from planner_progress where work = ?',
      [work],
    );
    return BigInt(rows[0]?.position ?? 0);
  },
  save: async (work, position) => {
    await db.raw(
      `insert into planner_progress as p (work, position) values (?, ?)
       on conflict (work) do update set position = greatest(p.position, excluded.position)`,
      [work, String(position)],
    );
  },
});
