import type { Knex } from 'knex';

/** The table in which gateways say how many jobs they let start. All times are the database's. */
export type ToldStarts = {
  /** Adds starts of this second, by queue; what is older than two minutes goes. */
  readonly tell: (gatewayId: string, starts: ReadonlyMap<string, number>) => Promise<void>;
};

/** A second of a time to come was written before the clock was set back. */
const TELL = `
  with old as (
    delete from queue_starts where at < now() - interval '2 minutes' or at > now() + interval '2 minutes')
  insert into queue_starts as t (at, queue, gateway_id, starts)
  select date_trunc('second', now()), s.queue, ?, s.starts
  from unnest(?::text[], ?::integer[]) as s (queue, starts)
  order by s.queue
  on conflict (at, queue, gateway_id) do update set starts = t.starts + excluded.starts`;

export const toldStarts = (db: Knex): ToldStarts => ({
  tell: async (gatewayId, starts) => {
    await db.raw(TELL, [gatewayId, [...starts.keys()], [...starts.values()]]);
  },
});
