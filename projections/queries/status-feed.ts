import type { Knex } from 'knex';
import type { JobStatus } from '../../domain/job/state';
import { toTimestamp, type Timestamp } from '../../domain/time';

export type StatusChange = {
  readonly position: bigint;
  readonly jobId: string;
  readonly ownerId: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly revision: number;
  readonly attempt: number;
  readonly dueAt: Timestamp;
  readonly at: Timestamp;
};

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

type Row = {
  readonly position: string;
  readonly job_id: string;
  readonly owner_id: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly revision: string;
  readonly attempt: number;
  readonly due_at: Date;
  readonly at: Date;
};

const statusChange = (row: Row): StatusChange => ({
  position: BigInt(row.position),
  jobId: row.job_id,
  ownerId: row.owner_id,
  name: row.name,
  status: row.status,
  revision: Number(row.revision),
  attempt: row.attempt,
  dueAt: toTimestamp(row.due_at.getTime()),
  at: toTimestamp(row.at.getTime()),
});

type PositionRows = { readonly rows: readonly { readonly position: string | null }[] };

export const statusFeed = (db: Knex): StatusFeed => ({
  after: async (position, ownerId, limit) => {
    const { rows } = await db.raw<{ rows: readonly Row[] }>(
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
