import type { Knex } from 'knex';

/** When, in milliseconds of time seen to pass, the log was first seen to be up to a position. */
export type SeenSoFar = {
  readonly passedMs: number;
  readonly positions: readonly { readonly position: bigint; readonly passedMs: number }[];
};

/** Keeps what a rescuer knows of time for the one that comes after it. */
export type SeenTimeStore = {
  /** Undefined when nobody has saved anything yet. */
  readonly load: () => Promise<SeenSoFar | undefined>;
  readonly save: (seen: SeenSoFar) => Promise<void>;
};

type Row = {
  readonly passed_ms: string;
  readonly positions: readonly (readonly [position: string, passedMs: number])[];
};

export const seenTimeStore = (db: Knex): SeenTimeStore => ({
  load: async () => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      'select passed_ms, positions from seen_time',
    );
    return rows[0]
      ? {
          passedMs: Number(rows[0].passed_ms),
          positions: rows[0].positions.map(([position, passedMs]) => ({
            position: BigInt(position),
            passedMs,
          })),
        }
      : undefined;
  },
  save: async ({ passedMs, positions }) => {
    const pairs = positions.map((seen) => [String(seen.position), Math.floor(seen.passedMs)]);
    await db.raw(
      `insert into seen_time (id, passed_ms, positions) values (1, ?, ?)
       on conflict (id) do update
       set passed_ms = excluded.passed_ms, positions = excluded.positions`,
      [passedMs, JSON.stringify(pairs)],
    );
  },
});
