/** Something that runs until its signal aborts. */
export type Process = {
  readonly name: string;
  /**
   * Resolves when the signal has aborted and what was under way is finished. Faults that may pass are
   * retried inside; what rejects ends the program.
   */
  readonly run: (signal: AbortSignal) => Promise<void>;
};
