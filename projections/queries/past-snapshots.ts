import type { Knex } from 'knex';
import type { AsOf } from '../../domain/audit/as-of';
import { snapshotOf, type Snapshot } from '../job-snapshots';
import { textArray } from '../unnest';
import { containing } from './jobs';

/** What a list of the past needs of the read model. */
export type PastSnapshots = {
  /** Where the newest block ends that holds nothing later than that; undefined when there is none. */
  readonly blockBefore: (asOf: AsOf) => Promise<bigint | undefined>;
  /** Each job's newest snapshot up to that block, of one owner or of all; no more than `limit`. */
  readonly jobsUpTo: (
    blockEnd: bigint,
    ownerId: string | undefined,
    limit: number,
  ) => Promise<ReadonlyMap<string, Snapshot>>;
  /** Which of the names have the part, by the database's idea of upper and lower case, as the list of the present has it. */
  readonly havingPart: (names: readonly string[], part: string) => Promise<ReadonlySet<string>>;
};

type Row = { readonly job_id: string; readonly newest_at_ms: string; readonly state: string };

const blockQuery = (asOf: AsOf): readonly [text: string, value: string] =>
  asOf.kind === 'time'
    ? [
        'select end_position from snapshot_blocks where newest_at_ms <= ? order by newest_at_ms desc, end_position desc limit 1',
        String(asOf.at),
      ]
    : [
        'select end_position from snapshot_blocks where end_position <= ? order by end_position desc limit 1',
        String(asOf.position),
      ];

export const pastSnapshots = (db: Pick<Knex, 'raw'>): PastSnapshots => ({
  blockBefore: async (asOf) => {
    const [text, value] = blockQuery(asOf);
    const { rows } = await db.raw<{ rows: readonly { readonly end_position: string }[] }>(text, [
      value,
    ]);
    return rows[0] && BigInt(rows[0].end_position);
  },

  jobsUpTo: async (blockEnd, ownerId, limit) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
      `select distinct on (job_id) job_id, newest_at_ms, state from job_snapshots
       where ${ownerId === undefined ? '' : 'owner_id = ? and '}block_end <= ?
       order by job_id, block_end desc limit ?`,
      [...(ownerId === undefined ? [] : [ownerId]), String(blockEnd), limit],
    );
    return new Map(rows.map((row) => [row.job_id, snapshotOf(row)]));
  },

  havingPart: async (names, part) => {
    const { rows } = await db.raw<{ rows: readonly { readonly place: string }[] }>(
      `select place from unnest(?::text[]) with ordinality as n(name, place) where name ilike ?`,
      [textArray(names), containing(part)],
    );
    return new Set(rows.flatMap(({ place }) => names[Number(place) - 1] ?? []));
  },
});
