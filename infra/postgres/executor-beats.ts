import type { Knex } from 'knex';

export type Beat = {
  readonly executorId: string;
  readonly queue: string;
  readonly running: number;
  /** Why it can take no jobs; undefined while it can. */
  readonly cannotTake?: string;
};

/** What is known of living executors, and of who hears them. All times are the database's. */
export type ExecutorBeats = {
  /** Each executor at most once a call. Every gateway hears every beat: the first one writes it. */
  readonly record: (beats: readonly Beat[]) => Promise<void>;
  /**
   * Says that this gateway can hear beats right now. After a silence of `gapMs`, or when `wasDeaf`, it counts
   * as listening again: nobody is lost for beats that could not have been heard.
   */
  readonly listening: (gatewayId: string, wasDeaf: boolean, gapMs: number) => Promise<void>;
  /** Removes executors and gateways that were silent for `silentMs`, and those of a time to come. */
  readonly forget: (silentMs: number) => Promise<void>;
};

/** A beat that was written this short ago is the same one, heard by another gateway. */
const SAME_BEAT_MS = 200;

/** True also for a time to come: the clock was set back. */
const notWithin = (column: string, ms: string): string =>
  `${column} not between clock_timestamp() - ${ms} * interval '1 millisecond' and clock_timestamp()`;

const differs = (known: string, news: string): string =>
  `${known}.queue <> ${news}.queue or ${known}.running <> ${news}.running
   or ${known}.cannot_take is distinct from ${news}.cannot_take
   or ${notWithin(`${known}.last_beat_at`, String(SAME_BEAT_MS))}`;

export const executorBeats = (db: Knex): ExecutorBeats => ({
  record: async (beats) => {
    await db.raw(
      `insert into executors as e
         (executor_id, queue, running, last_beat_at, cannot_take, able_until)
       select b.executor_id, b.queue, b.running, clock_timestamp(), b.cannot_take,
              case when b.cannot_take is not null then timestamptz 'epoch' end
       from (select executor_id, queue, running, nullif(why, '') as cannot_take
             from unnest(?::text[], ?::text[], ?::integer[], ?::text[])
               as given(executor_id, queue, running, why)) b
       left join executors known using (executor_id)
       where known.executor_id is null or ${differs('known', 'b')}
       order by b.executor_id
       on conflict (executor_id) do update
       set queue = excluded.queue, running = excluded.running, last_beat_at = excluded.last_beat_at,
           cannot_take = excluded.cannot_take,
           able_until = case when excluded.cannot_take is not null
                             then coalesce(e.able_until, e.last_beat_at) end
       where ${differs('e', 'excluded')}`,
      [
        beats.map(({ executorId }) => executorId),
        beats.map(({ queue }) => queue),
        beats.map(({ running }) => running),
        beats.map(({ cannotTake }) => cannotTake ?? ''),
      ],
    );
  },
  listening: async (gatewayId, wasDeaf, gapMs) => {
    await db.raw(
      `insert into gateways as g (gateway_id, listening_since, alive_at)
       values (?, clock_timestamp(), clock_timestamp())
       on conflict (gateway_id) do update
       set alive_at = excluded.alive_at,
           listening_since = case
             when ? or ${notWithin('g.alive_at', '?')}
             then excluded.listening_since else g.listening_since end`,
      [gatewayId, wasDeaf, gapMs],
    );
  },
  forget: async (silentMs) => {
    await db.raw(`delete from executors where ${notWithin('last_beat_at', '?')}`, [silentMs]);
    await db.raw(`delete from gateways where ${notWithin('alive_at', '?')}`, [silentMs]);
  },
});
