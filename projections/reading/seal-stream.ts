import type { StoredSeal } from '../../domain/seal/chain';

/** The seals of the log as they are stored. */
export type SealStream = {
  readonly newest: () => Promise<StoredSeal | undefined>;
  /** All of them, and the position of the log's last event just before they were read (-1 in an empty log). */
  readonly all: () => Promise<{ readonly seals: readonly StoredSeal[]; readonly readAt: bigint }>;
};
