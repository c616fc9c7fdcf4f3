import type { Knex } from 'knex';
import type { Instant } from '../../../domain/time';
import { monthsAhead, partitionOf } from '../../writing/partitions';

/** Tables of the months in which a job may come due, and that are not there. */
export const missingPartitions =
  (db: Knex) =>
  async (now: Instant): Promise<readonly string[]> => {
    const wanted = monthsAhead(now).map(partitionOf);
    const { rows } = await db.raw<{ rows: readonly { readonly name: string }[] }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'due_jobs'::regclass`,
    );
    const present = new Set(rows.map(({ name }) => name));
    return wanted.filter((name) => !present.has(name));
  };
