/** Stops taking requests and resolves when those under way are answered. */
export type StopServing = () => Promise<void>;

/** Requests from executors, as the broker brings them. */
export type RequestServer = {
  /**
   * Answers requests on a subject, sharing them with all others of the group; without one everybody gets every
   * request. The handler never rejects.
   */
  readonly serve: (
    subject: string,
    group: string | undefined,
    handler: (data: Uint8Array) => Promise<string>,
  ) => StopServing;
  /** The largest answer that the broker takes now. */
  readonly maxMessageBytes: () => number;
  /** Resolves when the broker has just answered. @throws Error when it has not, within two seconds */
  readonly roundTrip: () => Promise<void>;
};
