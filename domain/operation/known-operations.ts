import type { KnownOperation } from './state';

/** Operations as somebody remembers them: as of some revision, which may not be their last. */
export type KnownOperations = {
  /** Undefined for one that is not known, or not yet. */
  readonly find: (operationId: string) => Promise<KnownOperation | undefined>;
};
