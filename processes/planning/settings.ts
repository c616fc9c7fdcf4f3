export type PlannerSettings = {
  /** An occurrence has its job so long before it is due, at least; in ms. */
  readonly aheadMs: number;
  /** Longest sleep between two looks at what is to be planned, in ms. */
  readonly everyMs: number;
  /** Between two looks at schedules whose runs may not overlap, in ms. */
  readonly oneByOneEveryMs: number;
  /** Between two looks for jobs that were not made or not taken back, in ms: longer than making one takes. */
  readonly mendEveryMs: number;
  /** Occurrences of an owner that may be planned a second, over a while. */
  readonly ownerPerSecond: number;
  /** Schedules of one look. */
  readonly pageSize: number;
  /** Appends under way at once. */
  readonly concurrency: number;
};

export const plannerDefaults: PlannerSettings = {
  aheadMs: 60_000,
  everyMs: 500,
  oneByOneEveryMs: 500,
  mendEveryMs: 5_000,
  ownerPerSecond: 250,
  pageSize: 1_000,
  concurrency: 128,
};
