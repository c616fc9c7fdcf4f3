import type { Knex } from 'knex';
import type { LiveActivity } from '../../reading/pace';
import { LANE, LANE_COUNT } from '../dispatching/due-jobs';

type Row = { readonly is_live: boolean; readonly is_late: boolean; readonly position: string };

/** The oldest rows of a lane: behind so many that are held, others are not looked for. */
const LOOKED_AT = 20;

/** Nothing to keep out of the way of. */
export const NOBODY_LIVE: LiveActivity = { isLive: false, isLate: false, position: 0n };

/**
 * One look into the index a lane: without the lane it could not be used, and with a clock that moves while the
 * statement runs neither, nor could the months to come be left out. What waits because nobody serves its queue or
 * a limit was set is not late: one misspelt queue must not slow down all who give way to late jobs.
 */
export const LIVE_ACTIVITY = `
  select position,
         position >= 0 and applied_at > clock_timestamp() - interval '2 seconds' as is_live,
         exists (select from generate_series(0, ${LANE_COUNT - 1}) as l (lane), lateral (
           select queue, owner_id from due_jobs
           where ${LANE} = l.lane and due_at < now() - interval '1 second'
           order by due_at, job_id limit ${LOOKED_AT}) as late
         where not exists (select from held_back h
           where h.queue = late.queue and h.owner_id in ('', late.owner_id)
             and h.reason not in ('owner-turn', 'queue-full')
             and h.seen_at > now() - interval '10 seconds')) as is_late
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
