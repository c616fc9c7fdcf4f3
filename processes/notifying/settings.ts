export type NotifierSettings = {
  /** Changes of jobs that are turned into deliveries at once. */
  readonly pageSize: number;
  /** Deliveries that may wait for one webhook; it is turned off when more do. */
  readonly maxWaiting: number;
  /** How long deliveries are kept to be looked at, in ms. */
  readonly keptMs: number;
  /** Longest sleep between two looks, in ms. */
  readonly everyMs: number;
  /** Shortest time between two looks, however much goes on, in ms. */
  readonly quietMs: number;
  /** Who is not heard of for so long has lost his webhooks to others, in ms. */
  readonly leaseMs: number;
  /** Webhooks that are delivered to at once, by this notifier … */
  readonly queues: number;
  /** … of one owner … */
  readonly queuesPerOwner: number;
  /** … and at one host. */
  readonly queuesPerHost: number;
  /** Calls to one webhook at once. */
  readonly callsPerQueue: number;
  /** How long one webhook is delivered to before others have their turn, in ms. */
  readonly turnMs: number;
  /** The longest that a call may take, in ms. */
  readonly callTimeoutMs: number;
};

export const notifierDefaults: NotifierSettings = {
  pageSize: 500,
  maxWaiting: 100_000,
  keptMs: 7 * 24 * 3_600_000,
  everyMs: 1_000,
  quietMs: 50,
  leaseMs: 10_000,
  queues: 128,
  queuesPerOwner: 4,
  queuesPerHost: 8,
  callsPerQueue: 8,
  turnMs: 5_000,
  callTimeoutMs: 15_000,
};
