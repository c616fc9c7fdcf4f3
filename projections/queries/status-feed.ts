import type { Knex } from 'knex';
import type { StatusChange } from '../../domain/job/status-change';
import { statusChange, type StatusChangeRow } from './status-change-row';

export type StatusFeed = {
  /** Changes after a position, in the order of the log; of one owner, or everybody's when undefined. */
  readonly after: (
    position: bigint,
    ownerId: string | undefined,
    limit: number,
  ) => Promise<readonly StatusChange[]>;
  /** Every change up to here is told: where a listener without a past begins. */
  readonly head: () => Promise<bigint>;
  /** The oldest change that is kept; undefined when none is. */
  readonly oldest: () => Promise<bigint | undefined>;
};

type PositionRows = { readonly rows: readonly { readonly position: string | null }[] };

export const statusFeed = (db: Knex): StatusFeed => ({
  after: async (position, ownerId, limit) => {
    const { rows } = await db.raw<{ rows: readonly StatusChangeRow[] }>(
      `select position, job_id, owner_id, name, status, revision, attempt, due_at, at from status_feed
       where position > ? ${ownerId === undefined ? '' : 'and owner_id = ?'}
       order by position limit ?`,
      [String(position), ...(ownerId === undefined ? [] : [ownerId]), limit],
    );
    return rows.map(statusChange);
  },
  head: async () => {
    const { rows } = await db.raw<PositionRows>(
      `select position from checkpoint where projection = 'jobs'`,
    );
    return BigInt(rows[0]?.position ?? -1);
  },
  oldest: async () => {
    const { rows } = await db.raw<PositionRows>(
      'select min(position) as position from status_feed',
    );
    const position = rows[0]?.position ?? null;
    return position === null ? undefined : BigInt(position);
  },
});
