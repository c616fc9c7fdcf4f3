import type { Knex } from 'knex';

/** How one process of one program said it was. */
export type ProcessVitals = {
  readonly process: string;
  /** How long ago it said so, by the database's clock. */
  readonly unseenMs: number;
  /** How long it had not moved by then. */
  readonly stillMs: number;
  readonly hindrances: readonly { readonly server: string; readonly reason: string }[];
  /** By how much the clock of each server was ahead of its own. */
  readonly skewsMs: Readonly<Record<string, number>>;
};

type Row = {
  readonly process: string;
  readonly unseen_ms: number;
  readonly still_ms: string;
  readonly hindrances: ProcessVitals['hindrances'];
  readonly skews_ms: ProcessVitals['skewsMs'];
};

/** All that were heard of lately, those that have ended badly included. */
export const readProcessVitals = async (db: Knex): Promise<readonly ProcessVitals[]> => {
  const { rows } = await db.raw<{ rows: readonly Row[] }>(
    `select process, still_ms, hindrances, skews_ms,
       (extract(epoch from clock_timestamp() - seen_at) * 1000)::double precision as unseen_ms
     from process_vitals`,
  );
  return rows.map(({ process, unseen_ms, still_ms, hindrances, skews_ms }) => ({
    process,
    unseenMs: Math.max(0, Math.round(unseen_ms)),
    stillMs: Number(still_ms),
    hindrances,
    skewsMs: skews_ms,
  }));
};
