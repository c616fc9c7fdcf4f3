import type { OperationDefinition } from '../../../domain/operation/definition';
import type { KnownOperation, OperationStatus } from '../../../domain/operation/state';

/** A row of `operations`: bigint as text, JSON as text. */
export type OperationRow = {
  readonly operation_id: string;
  readonly revision: string;
  readonly status: OperationStatus;
  readonly definition: string;
  readonly batches: number;
  readonly items: number;
  readonly is_selected: boolean;
  readonly as_of: string | null;
  readonly progressed: number;
  readonly changed_items: number;
  readonly unchanged_items: number;
  readonly refused_items: number;
  readonly left_items: number;
  readonly note: string | null;
  readonly started_at: Date;
  readonly ended_at: Date | null;
};

/** Select list of an OperationRow. */
export const OPERATION_COLUMNS = `
  operation_id, revision, status, definition::text as definition, batches, items, is_selected, as_of, progressed,
  changed_items, unchanged_items, refused_items, left_items, note, started_at, ended_at`;

/** The operation as the fold of its stream gives it at the same revision. */
export const knownOperation = (row: OperationRow): KnownOperation => ({
  status: row.status,
  definition: JSON.parse(row.definition) as OperationDefinition, // the projection wrote it from a typed event
  revision: BigInt(row.revision),
  startedAt: row.started_at.getTime(),
  ...(row.ended_at && { endedAt: row.ended_at.getTime() }),
  batches: row.batches,
  items: row.items,
  isSelected: row.is_selected,
  ...(row.as_of !== null && { asOf: row.as_of }),
  progressed: row.progressed,
  changed: row.changed_items,
  unchanged: row.unchanged_items,
  refused: row.refused_items,
  left: row.left_items,
  ...(row.note !== null && { note: row.note }),
});
