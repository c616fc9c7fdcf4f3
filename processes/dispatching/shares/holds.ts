import type { HeldBackReason } from '../../../domain/shares/held-back';

/** What may hold back jobs that are due. Asked before each dispatch, so answered from memory. */
export type Holds = {
  readonly ofQueue: (queue: string) => HeldBackReason | undefined;
  /** @param waiting  jobs of his that are due, the one that is asked about among them */
  readonly ofOwner: (queue: string, ownerId: string, waiting: number) => HeldBackReason | undefined;
  /** Jobs that an owner gets in one turn, from 1. */
  readonly weightOf: (ownerId: string) => number;
};

/** Nothing is ever held. */
export const noHolds: Holds = {
  ofQueue: () => undefined,
  ofOwner: () => undefined,
  weightOf: () => 1,
};
