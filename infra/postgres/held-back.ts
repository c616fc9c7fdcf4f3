import type { Knex } from 'knex';
import { toTimestamp, type Instant } from '../../domain/time';

export type HeldBackRow = {
  readonly queue: string;
  /** Empty for all owners of the queue. */
  readonly ownerId: string;
  readonly reason: string;
  readonly since: Instant;
};

/** The table in which dispatchers say what waits though it is due. */
export type HeldBack = {
  /**
   * What waits now, each queue and owner once; rows that nobody has renewed for a while go.
   *
   * @returns whether rows are left, of this dispatcher or another
   */
  readonly tell: (rows: readonly HeldBackRow[]) => Promise<boolean>;
};

/** A full queue for which no executor has beaten for a minute, able to take its jobs, has none. */
const TELL = `
  insert into held_back (queue, owner_id, reason, since, seen_at)
  select h.queue, h.owner_id,
         case when h.reason = 'queue-full' and not exists (
           select from executors e
           where e.queue = h.queue
             and coalesce(e.able_until, e.last_beat_at) > clock_timestamp() - interval '1 minute')
         then 'no-executors' else h.reason end,
         h.since, clock_timestamp()
  from unnest(?::text[], ?::text[], ?::text[], ?::timestamptz[]) as h (queue, owner_id, reason, since)
  order by h.queue, h.owner_id
  on conflict (queue, owner_id) do update
  set reason = excluded.reason, since = excluded.since, seen_at = excluded.seen_at`;

const FORGET = `delete from held_back where seen_at < clock_timestamp() - interval '5 seconds'`;
const IS_ANY_LEFT = 'select exists (select from held_back) as is_left';

export const heldBack = (db: Knex): HeldBack => ({
  tell: async (rows) => {
    if (rows.length > 0)
      await db.raw(TELL, [
        rows.map(({ queue }) => queue),
        rows.map(({ ownerId }) => ownerId),
        rows.map(({ reason }) => reason),
        rows.map(({ since }) => toTimestamp(since)),
      ]);
    await db.raw(FORGET);
    const { rows: left } = await db.raw<{ rows: readonly { is_left: boolean }[] }>(IS_ANY_LEFT);
    return left[0]?.is_left === true;
  },
});
