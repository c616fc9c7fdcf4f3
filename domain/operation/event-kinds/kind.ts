import type { StreamTrace } from '../../audit/trace-table';
import { checksOf, type Checked, type EventKind } from '../../events/kind';
import type { Instant } from '../../time';
import type { KnownOperation, OperationState, OperationStatus } from '../state';

/** What verify remembers of an operation; NaN is a time that is not there. */
export type OperationTrace = StreamTrace & {
  status: OperationStatus | 'none';
  startedAt: Instant;
  /** Digest of the definition as rows have it. */
  definition: number;
  isSelected: boolean;
  batches: number;
  items: number;
  progressed: number;
  /** Items that have an outcome. */
  told: number;
  changed: number;
  unchanged: number;
  refused: number;
  left: number;
  /** Sums of the digests of what was selected, and of the outcomes. */
  selectedDigest: number;
  outcomesDigest: number;
};

type OperationAggregate = {
  readonly state: OperationState;
  readonly trace: OperationTrace;
  readonly status: OperationTrace['status'];
  readonly found: KnownOperation;
};

export type OperationEventKind<Data> = EventKind<Data, OperationAggregate>;

export const operationEvent = <Data>(
  kind: OperationEventKind<Data>,
): OperationEventKind<Data> & Checked => ({ ...kind, checks: checksOf(kind.fields) });
