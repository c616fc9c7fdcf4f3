/** Limits that operators set, as they are now; undefined is no limit. */
export type ShareLimits = {
  readonly queue: (queue: string) => {
    readonly maxRunning?: number;
    readonly maxRunningPerOwner?: number;
    readonly ratePerSecond?: number;
  };
  readonly owner: (ownerId: string) => { readonly maxRunning?: number; readonly weight: number };
  /** Whether anybody's running jobs have to be counted. */
  readonly countsRunning: () => boolean;
};

/** Nobody is limited. */
export const noLimits: ShareLimits = {
  queue: () => ({}),
  owner: () => ({ weight: 1 }),
  countsRunning: () => false,
};
