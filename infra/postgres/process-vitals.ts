import type { Knex } from 'knex';

export type ToldVitals = {
  readonly process: string;
  readonly stillMs: number;
  readonly hindrances: readonly object[];
};

/** Where each program says how its processes are. All times are the database's. */
export type VitalsStore = {
  /**
   * @param instance  one start of one program
   * @param skewsMs   by how much the clock of each server is ahead of its own
   */
  readonly tell: (
    instance: string,
    signs: readonly ToldVitals[],
    skewsMs: Readonly<Record<string, number>>,
  ) => Promise<void>;
  /** Of a program that ends in good order. */
  readonly forget: (instance: string) => Promise<void>;
};

/** Programs that were killed are remembered for as long: somebody may want to know how they were. */
const KEPT = "interval '10 minutes'";

export const vitalsStore = (db: Knex): VitalsStore => ({
  tell: async (instance, signs, skewsMs) => {
    await db.raw(
      `with dead as (delete from process_vitals where seen_at < clock_timestamp() - ${KEPT})
       insert into process_vitals (instance, process, seen_at, still_ms, hindrances, skews_ms)
       select ?, s.process, clock_timestamp(), s.still_ms, s.hindrances, ?::jsonb
       from unnest(?::text[], ?::bigint[], ?::jsonb[]) as s(process, still_ms, hindrances)
       on conflict (instance, process) do update
       set seen_at = excluded.seen_at, still_ms = excluded.still_ms,
         hindrances = excluded.hindrances, skews_ms = excluded.skews_ms`,
      [
        instance,
        JSON.stringify(skewsMs),
        signs.map(({ process }) => process),
        signs.map(({ stillMs }) => stillMs),
        signs.map(({ hindrances }) => JSON.stringify(hindrances)),
      ],
    );
  },
  forget: async (instance) => {
    await db.raw('delete from process_vitals where instance = ?', [instance]);
  },
});
