import type { Knex } from 'knex';

export type ToldBudget = {
  readonly queue: string;
  /** Messages that may lie in it undelivered. */
  readonly messages: number;
};

/** The table in which dispatchers say what they let lie in each queue. All times are the database's. */
export type ToldBudgets = {
  /** Each queue once; what nobody has renewed for a while goes. */
  readonly tell: (dispatcherId: string, budgets: readonly ToldBudget[]) => Promise<void>;
};

const TELL = `
  with old as (delete from queue_budgets where seen_at < clock_timestamp() - interval '1 minute')
  insert into queue_budgets (dispatcher_id, queue, messages, seen_at)
  select ?, b.queue, b.messages, clock_timestamp()
  from unnest(?::text[], ?::integer[]) as b (queue, messages)
  order by b.queue
  on conflict (queue, dispatcher_id) do update
  set messages = excluded.messages, seen_at = excluded.seen_at`;

export const toldBudgets = (db: Knex): ToldBudgets => ({
  tell: async (dispatcherId, budgets) => {
    await db.raw(TELL, [
      dispatcherId,
      budgets.map(({ queue }) => queue),
      budgets.map(({ messages }) => messages),
    ]);
  },
});
