import type { OperationKey } from './filter';
import type { KnownOperation } from './state';

/** Operations as somebody remembers them: as of some revision, which may not be their last. */
export type KnownOperations = {
  /** Undefined for one that is not known, or not yet. */
  readonly find: (operationId: string) => Promise<KnownOperation | undefined>;
};

/** An operation of a list, as far as it is known. */
export type MadeOperation = OperationKey & {
  readonly operation: KnownOperation;
  /** Of its last event. */
  readonly position: bigint;
};
