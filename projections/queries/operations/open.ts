import type { Knex } from 'knex';
import type { KnownOperation } from '../../../domain/operation/state';
import { knownOperation, OPERATION_COLUMNS, type OperationRow } from './operation-row';

export type OpenOperation = {
  readonly operationId: string;
  readonly operation: KnownOperation;
  /** Of the event that started it. */
  readonly startedPosition: bigint;
};

type OpenRow = OperationRow & { readonly started_position: string };

/** What is to be carried out. Operations whose streams the projection could not apply are not among it. */
export type OpenOperations = {
  /** The oldest ones of each owner, up to `perOwner` of them. */
  readonly open: (perOwner: number) => Promise<readonly OpenOperation[]>;
  /** The jobs of one batch. */
  readonly batch: (operationId: string, batch: number) => Promise<readonly string[]>;
};

/** Owners that have open operations are few: each is found by one step through an index. */
const OPEN = `
  with recursive owners as (
    (select owner_id from operations where ended_at is null order by owner_id limit 1)
    union all
    select (select o.owner_id from operations o where o.ended_at is null and o.owner_id > owners.owner_id
            order by o.owner_id limit 1)
    from owners where owners.owner_id is not null)
  select ${OPERATION_COLUMNS}, started_position from owners w cross join lateral (
    select * from operations s
    where s.owner_id = w.owner_id and s.ended_at is null
      and not exists (select from parked_streams k where k.stream = 'operation-' || s.operation_id::text)
    order by s.started_at, s.operation_id limit ?) t
  where w.owner_id is not null`;

export const openOperations = (db: Knex): OpenOperations => ({
  open: async (perOwner) => {
    const { rows } = await db.raw<{ rows: readonly OpenRow[] }>(OPEN, [perOwner]);
    return rows.map((row) => ({
      operationId: row.operation_id,
      operation: knownOperation(row),
      startedPosition: BigInt(row.started_position),
    }));
  },
  batch: async (operationId, batch) => {
    const { rows } = await db.raw<{ rows: readonly { readonly job_ids: readonly string[] }[] }>(
      'select job_ids::text[] as job_ids from operation_batches where operation_id = ? and batch = ?',
      [operationId, batch],
    );
    const [row] = rows;
    if (!row) throw new Error(`operation ${operationId} has no batch ${batch} in the read model`);
    return row.job_ids;
  },
});
