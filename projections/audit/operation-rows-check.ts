import { addedDigest, digestOf } from '../../domain/audit/digest';
import type { OperationAudit } from '../../domain/audit/operation-audit';
import { lastPlace } from '../../domain/audit/stream-audit';
import type { Violation } from '../../domain/audit/violation';
import { operationIdOf, operationStream } from '../../domain/ids';
import { batchDigest } from '../../domain/operation/event-kinds/work';
import type { OperationTrace } from '../../domain/operation/event-kinds/kind';
import type { OperationAuditRow, ReadModelSnapshot } from '../queries/operating/audit-rows';
import { differenceOf, type Compared, type RowBreach } from './compare-rows';

export type OperationRowsDeps = {
  /** Has taken the log up to the position of the snapshot, and nothing after. */
  readonly audit: OperationAudit;
  readonly report: (violation: Violation) => void;
  /** False when the log was not read from its first event on. */
  readonly knowsAll: boolean;
  readonly progress: (rows: number) => void;
};

const compared = (
  row: OperationAuditRow,
  operation: Readonly<OperationTrace>,
): readonly Compared[] => [
  ['status', row.status, operation.status],
  ['revision', row.revision, operation.revision],
  ['position', row.position, operation.position],
  ['definition', digestOf(row.definition), operation.definition],
  ['is_selected', row.is_selected, operation.isSelected],
  ['batches', row.batches, operation.batches],
  ['items', row.items, operation.items],
  ['progressed', row.progressed, operation.progressed],
  ['changed_items', row.changed_items, operation.changed],
  ['unchanged_items', row.unchanged_items, operation.unchanged],
  ['refused_items', row.refused_items, operation.refused],
  ['left_items', row.left_items, operation.left],
  ['started_at', row.started_at, operation.startedAt],
];

/** What the last event of an operation says by itself. */
const KNOWN_OF_HEADLESS: ReadonlySet<string> = new Set(['revision', 'position']);

const rowBreach = (
  row: OperationAuditRow,
  operation: Readonly<OperationTrace> | undefined,
): RowBreach | undefined => {
  if (!operation)
    return {
      rule: 'operation-row-unknown',
      message: 'operations has a row, the log has no such operation',
    };
  const message = differenceOf(
    compared(row, operation).filter(
      ([column]) => !operation.isHeadless || KNOWN_OF_HEADLESS.has(column),
    ),
  );
  return message === undefined
    ? undefined
    : { rule: 'operation-row-differs', message: `operations: ${message}` };
};

/** Holds the rows of operations and of their batches against the log, and the log against them. */
export const checkOperationRows = async (
  snapshot: ReadModelSnapshot,
  parked: ReadonlySet<string>,
  { audit, report, knowsAll, progress }: OperationRowsDeps,
): Promise<void> => {
  const found = new Uint8Array(audit.size());
  const selected = new Float64Array(audit.size());
  const outcomes = new Float64Array(audit.size());
  let rows = 0;

  const tell = (stream: string, breach: RowBreach): void => {
    const operation = audit.standing(stream);
    report({
      ...breach,
      subject: operationIdOf(stream) ?? stream,
      events: operation ? lastPlace(stream, operation) : [],
      streams: [stream],
    });
  };

  for await (const page of snapshot.operations()) {
    for (const row of page) {
      const stream = operationStream(row.operation_id);
      const number = audit.numberOf(stream);
      if (parked.has(stream) || (number === undefined && !knowsAll)) continue;
      // Stryker disable next-line ConditionalExpression: a place that is no number is none of the array
      if (number !== undefined) found[number] = 1;
      const breach = rowBreach(row, audit.standing(stream));
      if (breach) tell(stream, breach);
    }
    progress((rows += page.length));
  }
  for await (const page of snapshot.operationBatches()) {
    for (const row of page) {
      const number = audit.numberOf(operationStream(row.operation_id));
      // Stryker disable next-line ConditionalExpression: a place that is no number is none of the array
      if (number === undefined) continue; // its operation has no row either, or was told
      const add = (sums: Float64Array, texts: readonly string[]): void => {
        sums[number] = addedDigest(sums[number] ?? 0, batchDigest(row.batch, texts));
      };
      add(selected, row.job_ids);
      if (row.outcomes) add(outcomes, row.outcomes);
    }
    progress((rows += page.length));
  }
  for (const [stream, number, operation] of audit.all()) {
    if (parked.has(stream) || operation.status === 'none') continue;
    if (found[number] === 0)
      tell(stream, {
        rule: 'operation-row-missing',
        message: 'operations has no row of the operation',
      });
    const isSame =
      selected[number] === operation.selectedDigest &&
      outcomes[number] === operation.outcomesDigest;
    if (!isSame && !operation.isHeadless)
      tell(stream, {
        rule: 'operation-row-differs',
        message: 'operation_batches has other jobs or other outcomes than the log',
      });
  }
};
