export type BulkChangerSettings = {
  /** Jobs that are changed a second, at most; a tenth of it at least, so that nothing waits for ever. */
  readonly mostPerSecond: number;
  /** Longest sleep between two looks at what is open, in ms. */
  readonly everyMs: number;
  /** Jobs of one operation under way at once. */
  readonly concurrency: number;
  /** Operations under way at once, each of another owner. */
  readonly owners: number;
  /** Open operations of an owner that take turns. */
  readonly perOwner: number;
  /** A batch that takes longer is given up before it is recorded: somebody else may be at it by then. */
  readonly batchMs: number;
};

export const bulkChangerDefaults: BulkChangerSettings = {
  mostPerSecond: 500,
  everyMs: 1_000,
  concurrency: 8,
  owners: 2,
  perOwner: 10,
  batchMs: 120_000,
};
