import type { Knex } from 'knex';
import type { LiveActivity } from '../pace';

type Row = { readonly is_live: boolean; readonly is_late: boolean; readonly position: string };

/** Nothing to keep out of the way of. */
export const NOBODY_LIVE: LiveActivity = { isLive: false, isLate: false, position: 0n };

/**
 * One look into the index a slot: without the slot it could not be used, and with a clock that moves while the
 * statement runs neither, nor could the months to come be left out.
 */
export const LIVE_ACTIVITY = `
  select position,
         position >= 0 and applied_at > clock_timestamp() - interval '2 seconds' as is_live,
         exists (select from generate_series(0, 255) as s (slot), lateral (
           select from due_jobs d where d.slot = s.slot and d.due_at < now() - interval '1 second'
           limit 1) as late) as is_late
  from checkpoint where projection = ?`;

/**
 * How far the projector has applied the log, whether that was within the last two seconds, and whether a job
 * waits for its dispatch a second after its due time; idle as well when no projector is there.
 */
export const liveActivity = async (db: Knex, projection = 'jobs'): Promise<LiveActivity> => {
  const { rows } = await db.raw<{ rows: readonly Row[] }>(LIVE_ACTIVITY, [projection]);
  const [row] = rows;
  if (!row) return NOBODY_LIVE;
  return { isLive: row.is_live, isLate: row.is_late, position: BigInt(row.position) };
};
