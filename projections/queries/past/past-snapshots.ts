import type { Knex } from 'knex';
import type { AsOf } from '../../../domain/audit/as-of';
import type { Instant } from '../../../domain/time';
import { snapshotOf, type Snapshot } from '../../snapshots/job-snapshots';
import { positionOf, type After, type LogPlace } from '../../reading/log-place';
import { textArray } from '../../writing/unnest';
import { containing } from '../narrow';
import { forEachInParts } from './in-parts';

/** Parts of the log, in order. */
export type Reach = {
  /** Up to here, inclusive; undefined when none of the blocks can. */
  readonly blocksTo: bigint | undefined;
  /** And after this, to the end, what no block has yet; undefined when nothing of it can. */
  readonly openAfter: After | undefined;
};

/** What a list of the past needs of the read model. */
export type PastSnapshots = {
  /**
   * Where the newest block ends that holds nothing later than that, and each job's newest snapshot up to it, of one
   * owner or of all, no more than `limit`; undefined when there is no such block.
   */
  readonly before: (
    asOf: AsOf,
    ownerId: string | undefined,
    limit: number,
    signal: AbortSignal,
  ) => Promise<
    { readonly end: LogPlace; readonly jobs: ReadonlyMap<string, Snapshot> } | undefined
  >;
  /**
   * What of the log after a block can hold what was recorded up to a time, if an event is stored no later than
   * `skewMs` after the time that it says.
   */
  readonly reachOf: (after: After, at: Instant, skewMs: number) => Promise<Reach>;
  /** Which of the names have the part, by the database's idea of upper and lower case, as the list of the present has it. */
  readonly havingPart: (names: readonly string[], part: string) => Promise<ReadonlySet<string>>;
};

type Row = {
  readonly end: string;
  readonly prepare: string | null;
  readonly job_id: string;
  readonly newest_at_ms: string;
  readonly state: string;
};

/** Of a block without a job. */
type NoRow = Pick<Row, 'end' | 'prepare'> & { readonly job_id: null };

const blockQuery = (asOf: AsOf): readonly [text: string, value: string] =>
  asOf.kind === 'time'
    ? [
        'select end_position, end_prepare from snapshot_blocks where newest_at_ms <= ? order by newest_at_ms desc, end_position desc limit 1',
        String(asOf.at),
      ]
    : [
        'select end_position, end_prepare from snapshot_blocks where end_position <= ? order by end_position desc limit 1',
        String(asOf.position),
      ];

type ReachRow = {
  readonly touched: string | null;
  readonly settled: string | null;
  readonly head: string | null;
  readonly prepare: string | null;
};

/** Times rise along the chain, so the first block that reaches beyond the skew is the last one to look at. */
const REACH = `
  with settled as (
    select end_position from snapshot_blocks where newest_at_ms > :settledAt
    order by newest_at_ms, end_position limit 1
  ), head as (
    select end_position, end_prepare from snapshot_blocks order by end_position desc limit 1
  )
  select (select max(b.end_position) from snapshot_blocks b
          where b.end_position > :after and b.oldest_at_ms <= :at
            and b.end_position <= coalesce((select end_position from settled), (select end_position from head))
         ) as touched,
         (select end_position from settled) as settled,
         (select end_position from head) as head, (select end_prepare from head) as prepare`;

const bigintOf = (text: string | null): bigint | undefined =>
  text === null ? undefined : BigInt(text);

const placeOf = (position: string, prepare: string | null): LogPlace => ({
  position: BigInt(position),
  ...(prepare !== null && { prepare: BigInt(prepare) }),
});

const headOf = (row: ReachRow | undefined): After =>
  row?.head == null ? 'start' : placeOf(row.head, row.prepare);

export const pastSnapshots = (db: Pick<Knex, 'raw'>): PastSnapshots => ({
  before: async (asOf, ownerId, limit, signal) => {
    const [blockText, value] = blockQuery(asOf);
    // one statement, for blocks may be joined meanwhile
    const { rows } = await db.raw<{ rows: readonly (Row | NoRow)[] }>(
      `with block as materialized (${blockText})
       select block.end_position as "end", block.end_prepare as prepare, s.job_id, s.newest_at_ms, s.state
       from block left join lateral (
         select distinct on (job_id) job_id, newest_at_ms, state from job_snapshots
         where ${ownerId === undefined ? '' : 'owner_id = ? and '}block_end <= block.end_position
         order by job_id, block_end desc limit ?
       ) s on true`,
      [value, ...(ownerId === undefined ? [] : [ownerId]), limit],
    );
    const [first] = rows;
    if (!first) return undefined;
    const jobs = new Map<string, Snapshot>();
    await forEachInParts(rows, signal, (row) => {
      if (row.job_id !== null) jobs.set(row.job_id, snapshotOf(row));
    });
    return { end: placeOf(first.end, first.prepare), jobs };
  },

  reachOf: async (after, at, skewMs) => {
    const { rows } = await db.raw<{ rows: readonly ReachRow[] }>(REACH, {
      after: String(after === 'start' ? -1n : positionOf(after)),
      at: String(at),
      settledAt: String(at + skewMs),
    });
    const [row] = rows;
    return {
      blocksTo: bigintOf(row?.touched ?? null),
      openAfter: row?.settled == null ? headOf(row) : undefined,
    };
  },

  havingPart: async (names, part) => {
    const { rows } = await db.raw<{ rows: readonly { readonly place: string }[] }>(
      `select place from unnest(?::text[]) with ordinality as n(name, place) where name ilike ?`,
      [textArray(names), containing(part)],
    );
    return new Set(rows.flatMap(({ place }) => names[Number(place) - 1] ?? []));
  },
});
