import type { Knex } from 'knex';
import type { Instant } from '../../../domain/time';
import { monthlyTables } from '../../projection';
import { readModel } from '../../projections';
import { partitionsAhead } from '../../writing/partitions';

/** Tables of the months in which a job may come due, and that are not there. */
export const missingPartitions =
  (db: Knex) =>
  async (now: Instant): Promise<readonly string[]> => {
    const tables = monthlyTables(readModel);
    const wanted = partitionsAhead(tables, now);
    const { rows } = await db.raw<{ rows: readonly { readonly name: string }[] }>(
      `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = any(?::regclass[])`,
      [[...tables]],
    );
    const present = new Set(rows.map(({ name }) => name));
    return wanted.filter((name) => !present.has(name));
  };
