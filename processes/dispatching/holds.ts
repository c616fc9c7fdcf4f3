import type { HeldBackReason } from '../../domain/shares/held-back';

/** What may hold back jobs that are due. Asked before each dispatch, so answered from memory. */
export type Holds = {
  readonly ofQueue: (queue: string) => HeldBackReason | undefined;
  readonly ofOwner: (queue: string, ownerId: string) => HeldBackReason | undefined;
  /** Jobs that an owner gets in one turn, from 1. */
  readonly weightOf: (ownerId: string) => number;
};

/** Nothing is ever held. */
export const noHolds: Holds = {
  ofQueue: () => undefined,
  ofOwner: () => undefined,
  weightOf: () => 1,
};
