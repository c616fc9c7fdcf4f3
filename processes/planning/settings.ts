/** What the planner counts. */
export type PlannerMetrics = {
  /** Occurrences that got a job, and those that were skipped. */
  readonly planned: (count: number) => void;
  readonly skipped: (reason: string, count: number) => void;
  /** Jobs made of planned occurrences, and those taken back before they started. */
  readonly made: () => void;
  readonly withdrawn: () => void;
  /** Schedules that stopped, for their rules cannot be computed. */
  readonly stopped: () => void;
  /** Schedules and jobs on which an error was met; they are tried again. */
  readonly fault: () => void;
  /** Schedules whose next occurrence should long have been planned: must be 0. */
  readonly overdue: (schedules: number) => void;
};

export type PlannerSettings = {
  /** An occurrence has its job so long before it is due, at least; in ms. */
  readonly aheadMs: number;
  /** Longest sleep between two looks at what is to be planned, in ms. */
  readonly everyMs: number;
  /** Between two looks at schedules whose runs may not overlap, in ms. */
  readonly oneByOneEveryMs: number;
  /** Between two looks for jobs that were not made or not taken back, in ms. */
  readonly mendEveryMs: number;
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
  pageSize: 1_000,
  concurrency: 64,
};
