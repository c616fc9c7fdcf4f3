import { toTimestamp, type Timestamp } from '../time';
import type { OperationKind, WrittenFilter } from './definition';
import type { OutcomeCounts } from './outcomes';
import { writeSpan } from './span';
import type { KnownOperation, OperationStatus } from './state';

/** An operation as answers show it. */
export type OperationView = {
  readonly operationId: string;
  readonly ownerId: string;
  readonly kind: OperationKind;
  readonly status: OperationStatus;
  /** What it selects by; absent for jobs that were named, and of an undo. */
  readonly filter?: WrittenFilter;
  /** The operation that it undoes. */
  readonly undoes?: string;
  readonly by?: string;
  readonly reason?: string;
  /** As of which position of the log its jobs were selected. */
  readonly asOf?: string;
  /** How many jobs it is about, and what became of them so far. */
  readonly items: number | null;
  readonly progress: OutcomeCounts & { readonly waiting: number };
  readonly revision: number;
  readonly startedAt: Timestamp;
  readonly endedAt: Timestamp | null;
  /** Why it was stopped. */
  readonly note?: string;
};

export const operationViewOf = (operationId: string, known: KnownOperation): OperationView => {
  const { definition, items, changed, unchanged, refused, left } = known;
  const { selection, byMs, reason } = definition;
  const hasEnded = known.endedAt !== undefined;
  return {
    operationId,
    ownerId: definition.ownerId,
    kind: definition.kind,
    status: known.status,
    ...(selection.by === 'filter' && { filter: selection.filter }),
    ...(selection.by === 'undo' && { undoes: selection.operationId }),
    ...(byMs !== undefined && { by: writeSpan(byMs) }),
    ...(reason !== undefined && { reason }),
    ...(known.asOf !== undefined && { asOf: known.asOf }),
    items: known.isSelected || hasEnded ? items : null,
    progress: {
      ...{ changed, unchanged, refused, left },
      waiting: items - changed - unchanged - refused - left,
    },
    revision: Number(known.revision),
    startedAt: toTimestamp(known.startedAt),
    endedAt: known.endedAt === undefined ? null : toTimestamp(known.endedAt),
    ...(known.note !== undefined && { note: known.note }),
  };
};
