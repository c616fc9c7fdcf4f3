import type { Knex } from 'knex';
import type { LogMark } from '../reading/log-place';
import { MARK_COLUMNS, storedMark, type StoredMark } from '../stored-mark';

/** What a read model says of the log that it was made of. */
export type ReadModelOrigin = {
  /** Undefined when nobody has named it yet. */
  readonly systemId: string | undefined;
  /** Undefined when nothing is applied yet. */
  readonly checkpoint: LogMark | undefined;
};

/** An event of which a row tells. */
export type ToldEvent = {
  readonly jobId: string;
  readonly revision: bigint;
  readonly position: bigint;
};

export type OriginStore = {
  readonly look: () => Promise<ReadModelOrigin>;
  /** The newest event that the rows tell of; it may take as long as looking through all jobs. */
  readonly newestTold: () => Promise<ToldEvent | undefined>;
  /** Writes the system, unless there is one. @returns the one that is there then */
  readonly name: (systemId: string) => Promise<string>;
};

type OriginRow = StoredMark & { readonly system_id: string | null };

type ToldRow = { readonly job_id: string; readonly revision: string; readonly position: string };

const ORIGIN = `
  select s.system_id, ${MARK_COLUMNS}
  from (select 1) one
  left join system s on true
  left join checkpoint c on c.projection = ?`;

const NAMED = 'select system_id from system';

/** The feed has an index by position, and forgets what is old. */
const TOLD = [
  'select job_id, revision, position from status_feed order by position desc limit 1',
  'select job_id, revision, position from jobs order by position desc limit 1',
];

export const originStore = (db: Pick<Knex, 'raw'>, projection = 'jobs'): OriginStore => ({
  look: async () => {
    const { rows } = await db.raw<{ rows: readonly OriginRow[] }>(ORIGIN, [projection]);
    const [row] = rows;
    return {
      systemId: row?.system_id ?? undefined,
      checkpoint: row && storedMark(row),
    };
  },
  newestTold: async () => {
    for (const text of TOLD) {
      const { rows } = await db.raw<{ rows: readonly ToldRow[] }>(text);
      const [row] = rows;
      if (row)
        return {
          jobId: row.job_id,
          revision: BigInt(row.revision),
          position: BigInt(row.position),
        };
    }
    return undefined;
  },
  name: async (systemId) => {
    await db.raw('insert into system (system_id) values (?) on conflict do nothing', [systemId]);
    const { rows } = await db.raw<{ rows: readonly { readonly system_id: string }[] }>(NAMED);
    return rows[0]?.system_id ?? systemId;
  },
});
