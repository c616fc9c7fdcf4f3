import type { Knex } from 'knex';

export type Beat = {
  readonly executorId: string;
  readonly queue: string;
  readonly running: number;
};

/** What is known of living executors. All times are the database's. */
export type ExecutorBeats = {
  /** Each executor at most once a call. */
  readonly record: (beats: readonly Beat[]) => Promise<void>;
  /**
   * Says that beats can be heard right now. After a silence of `gapMs`, or when `wasDeaf`, executors are
   * given a fresh start: nobody is lost for beats that could not have been heard.
   */
  readonly listening: (wasDeaf: boolean, gapMs: number) => Promise<void>;
  /** Removes executors that were silent for `silentMs`. */
  readonly forget: (silentMs: number) => Promise<void>;
};

export const executorBeats = (db: Knex): ExecutorBeats => ({
  record: async (beats) => {
    await db.raw(
      `insert into executors (executor_id, queue, running, last_beat_at)
       select b.executor_id, b.queue, b.running, clock_timestamp()
       from unnest(?::text[], ?::text[], ?::integer[]) as b(executor_id, queue, running)
       order by b.executor_id
       on conflict (executor_id) do update
       set queue = excluded.queue, running = excluded.running, last_beat_at = excluded.last_beat_at`,
      [
        beats.map(({ executorId }) => executorId),
        beats.map(({ queue }) => queue),
        beats.map(({ running }) => running),
      ],
    );
  },
  listening: async (wasDeaf, gapMs) => {
    await db.raw(
      `insert into heartbeat_channel as c (id, listening_since, alive_at)
       values (1, clock_timestamp(), clock_timestamp())
       on conflict (id) do update
       set alive_at = excluded.alive_at,
           listening_since = case
             when ? or c.alive_at is null or c.listening_since is null
               or c.alive_at < clock_timestamp() - ? * interval '1 millisecond'
             then excluded.listening_since else c.listening_since end`,
      [wasDeaf, gapMs],
    );
  },
  forget: async (silentMs) => {
    await db.raw(
      `delete from executors where last_beat_at < clock_timestamp() - ? * interval '1 millisecond'`,
      [silentMs],
    );
  },
});
