import type { Readable, Writable } from 'node:stream';

/** What a verb may use of the process that runs it. */
export type Context = {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts on SIGTERM and SIGINT. */
  readonly signal: AbortSignal;
};

export type Verb = {
  /** One line for the list of verbs. */
  readonly summary: string;
  /** The whole text of `punctual VERB --help`. */
  readonly usage: string;
  /** Verbs under this one, by the word that follows it. */
  readonly verbs?: Readonly<Record<string, Verb>>;
  /**
   * Does it, until it is done or `signal` aborts.
   *
   * @returns the exit code
   * @throws UsageError for flags that make no sense, Failure for what has a code of its own; any other error ends
   *         with 1; all are told on stderr
   */
  readonly run: (args: readonly string[], context: Context) => Promise<number>;
};

/** Exit codes that every verb shares; a verb documents its own beside its usage. */
export const exitCode = { done: 0, failed: 1, usage: 2 } as const;

/** What was typed makes no sense: told together with the usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** It failed in a way that has an exit code of its own, so that callers can tell it from others. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  constructor(code: number, message: string) {
    super(message);
    this.exitCode = code;
  }
}
