import type { Knex } from 'knex';
import type { OperationFilter, OperationKey } from '../../../domain/operation/filter';
import type { MadeOperation } from '../../../domain/operation/known-operations';
import { operationViewOf, type OperationView } from '../../../domain/operation/view';
import { toTimestamp } from '../../../domain/time';
import { knownOperation, OPERATION_COLUMNS, type OperationRow } from './operation-row';

export type OperationPage = {
  readonly items: readonly OperationView[];
  readonly next?: OperationKey;
};

export type OperationList = {
  /** The newest first. `next` is there when more follow. */
  readonly list: (
    filter: OperationFilter,
    page: { readonly limit: number; readonly after?: OperationKey },
  ) => Promise<OperationPage>;
  /** All that were ever started, of one owner or of all, the newest first. */
  readonly made: (
    which: Pick<OperationFilter, 'ownerId'>,
    page: { readonly limit: number; readonly after?: OperationKey },
  ) => Promise<readonly MadeOperation[]>;
  /** Operations of an owner that have not ended; stops counting at `upTo`. */
  readonly countOpen: (ownerId: string, upTo: number) => Promise<number>;
};

type PlacedRow = OperationRow & { readonly position: string };

const rowsOf = async (
  db: Knex,
  { ownerId, status }: OperationFilter,
  { limit, after }: { readonly limit: number; readonly after?: OperationKey },
): Promise<readonly PlacedRow[]> => {
  const query = db('operations').select(db.raw(`${OPERATION_COLUMNS}, position`));
  if (ownerId !== undefined) void query.where('owner_id', ownerId);
  if (status !== undefined) void query.whereIn('status', status);
  if (after)
    void query.whereRaw('(started_at, operation_id) < (?::timestamptz, ?::uuid)', [
      toTimestamp(after.startedAt),
      after.operationId,
    ]);
  return (await query
    .orderBy([
      { column: 'started_at', order: 'desc' },
      { column: 'operation_id', order: 'desc' },
    ])
    .limit(limit)) as readonly PlacedRow[]; // the select list is a PlacedRow's
};

const keyOf = (row: OperationRow): OperationKey => ({
  startedAt: row.started_at.getTime(),
  operationId: row.operation_id,
});

export const operationList = (db: Knex): OperationList => ({
  list: async (filter, { limit, after }) => {
    // one more than asked for tells whether there is a next page
    const rows = await rowsOf(db, filter, { limit: limit + 1, ...(after && { after }) });
    const shown = rows.slice(0, limit);
    const items = shown.map((row) => operationViewOf(row.operation_id, knownOperation(row)));
    const last = shown.at(-1);
    return rows.length > limit && last ? { items, next: keyOf(last) } : { items };
  },

  made: async (which, page) =>
    (await rowsOf(db, which, page)).map((row) => ({
      ...keyOf(row),
      operation: knownOperation(row),
      position: BigInt(row.position),
    })),

  countOpen: async (ownerId, upTo) => {
    const { rows } = await db.raw<{ rows: readonly { readonly count: number }[] }>(
      `select count(*)::integer as count from (
         select from operations where owner_id = ? and ended_at is null limit ?
       ) open`,
      [ownerId, upTo],
    );
    return rows[0]?.count ?? 0;
  },
});
