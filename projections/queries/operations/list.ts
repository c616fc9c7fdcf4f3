import type { Knex } from 'knex';
import type { OperationFilter, OperationKey } from '../../../domain/operation/filter';
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
  /** Operations of an owner that have not ended; stops counting at `upTo`. */
  readonly countOpen: (ownerId: string, upTo: number) => Promise<number>;
};

export const operationList = (db: Knex): OperationList => ({
  list: async ({ ownerId, status }, { limit, after }) => {
    const query = db('operations').select(db.raw(OPERATION_COLUMNS));
    if (ownerId !== undefined) void query.where('owner_id', ownerId);
    if (status !== undefined) void query.whereIn('status', status);
    if (after)
      void query.whereRaw('(started_at, operation_id) < (?::timestamptz, ?::uuid)', [
        toTimestamp(after.startedAt),
        after.operationId,
      ]);
    // one more than asked for tells whether there is a next page
    const rows = (await query
      .orderBy([
        { column: 'started_at', order: 'desc' },
        { column: 'operation_id', order: 'desc' },
      ])
      .limit(limit + 1)) as readonly OperationRow[]; // the select list is an OperationRow's
    const shown = rows.slice(0, limit);
    const items = shown.map((row) => operationViewOf(row.operation_id, knownOperation(row)));
    const last = shown.at(-1);
    return rows.length > limit && last
      ? {
          items,
          next: { startedAt: last.started_at.getTime(), operationId: last.operation_id },
        }
      : { items };
  },

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
