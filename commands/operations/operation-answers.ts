import type { OperationRejection } from '../../domain/operation/commands';
import type { KnownOperation } from '../../domain/operation/state';
import type { CommandRejection } from '../answers';

export type OperationCommandRejection =
  | OperationRejection
  | Extract<CommandRejection, { code: 'revision-mismatch' | 'idempotency-key-reused' }>;

export type OperationAccepted = {
  readonly outcome: 'accepted';
  readonly operationId: string;
  readonly operation: KnownOperation;
  /** Commit position to wait for in a query that must see it; 0 when nothing was recorded. */
  readonly position: bigint;
  /** The answer to an earlier request with the same idempotency key; the operation is as it stands now. */
  readonly isReplay: boolean;
};

/** `contended`: too many writers at once on one stream; nothing was recorded. */
export type OperationAnswer =
  | OperationAccepted
  | { readonly outcome: 'rejected'; readonly rejection: OperationCommandRejection }
  | { readonly outcome: 'contended' };
