import type { Knex } from 'knex';

/** What the table says of one shard; `isLive` by the database clock. */
export type ShardLease = {
  readonly shard: number;
  readonly holder: string | null;
  readonly isLive: boolean;
};

/** Leases of dispatch shards. All times are the database's: a dispatcher's own clock plays no part. */
export type ShardLeases = {
  /**
   * Every shard, ascending.
   *
   * @param ttlMs  how long leases are: one with more than twice that to go was made before the clock was set back, and
   *   is not live
   */
  readonly read: (ttlMs: number) => Promise<readonly ShardLease[]>;
  /**
   * Leases shards to `holder` for `ttlMs` from now on, as far as they still belong to whom `read` said.
   *
   * @returns the shards that were leased
   */
  readonly hold: (
    wanted: readonly Pick<ShardLease, 'shard' | 'holder'>[],
    holder: string,
    ttlMs: number,
  ) => Promise<readonly number[]>;
  readonly release: (holder: string) => Promise<void>;
};

type LeaseRow = { readonly slot: number; readonly holder: string | null; readonly live: boolean };

// Rows are locked in the order of shards, so that two dispatchers never wait for each other in a circle.
const HOLD = `
  with wanted as (
    select slot, nullif(holder, '') as holder from unnest(?::smallint[], ?::text[]) as w(slot, holder)
  ), locked as (
    select l.slot from slot_leases l join wanted w on w.slot = l.slot
    where l.holder is not distinct from w.holder
    order by l.slot for update of l
  )
  update slot_leases l
  set holder = ?, expires_at = clock_timestamp() + ? * interval '1 millisecond'
  from locked where l.slot = locked.slot
  returning l.slot`;

export const shardLeases = (db: Knex): ShardLeases => ({
  read: async (ttlMs) => {
    const { rows } = await db.raw<{ rows: readonly LeaseRow[] }>(
      `select slot, holder, coalesce(expires_at > clock_timestamp()
         and expires_at < clock_timestamp() + 2 * ? * interval '1 millisecond', false) as live
       from slot_leases order by slot`,
      [ttlMs],
    );
    return rows.map(({ slot, holder, live }) => ({ shard: slot, holder, isLive: live }));
  },
  hold: async (wanted, holder, ttlMs) => {
    const shards = wanted.map(({ shard }) => shard);
    const holders = wanted.map((lease) => lease.holder ?? '');
    const { rows } = await db.raw<{ rows: readonly Pick<LeaseRow, 'slot'>[] }>(HOLD, [
      shards,
      holders,
      holder,
      ttlMs,
    ]);
    return rows.map(({ slot }) => slot);
  },
  release: async (holder) => {
    await db.raw(
      `update slot_leases set holder = null, expires_at = null
       where slot in (select slot from slot_leases where holder = ? order by slot for update)`,
      [holder],
    );
  },
});
