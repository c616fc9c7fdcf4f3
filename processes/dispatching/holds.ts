/** Why a job that is due is not dispatched yet; the reasons of the table `held_back`. */
export type HeldReason =
  'queue-full' | 'queue-rate' | 'queue-running' | 'owner-running' | 'owner-turn';

/** What may hold back jobs that are due. Asked before each dispatch, so answered from memory. */
export type Holds = {
  readonly ofQueue: (queue: string) => HeldReason | undefined;
  readonly ofOwner: (queue: string, ownerId: string) => HeldReason | undefined;
  /** Jobs that an owner gets in one turn, from 1. */
  readonly weightOf: (ownerId: string) => number;
};

/** Nothing is ever held. */
export const noHolds: Holds = {
  ofQueue: () => undefined,
  ofOwner: () => undefined,
  weightOf: () => 1,
};
