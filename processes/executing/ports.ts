import type { Json } from '../../domain/job/definition';

/** Sends one request and gives the answer. @throws Error when none comes within `timeoutMs` */
export type Ask = (subject: string, text: string, timeoutMs: number) => Promise<Uint8Array>;

/** What a handler is told of the job that it runs. */
export type RunnableJob = {
  readonly jobId: string;
  readonly attempt: number;
  readonly ownerId: string;
  readonly name: string;
  readonly location: string;
  readonly dueAt: string;
  readonly timeoutMs: number;
  readonly payload?: Json;
};

export type HandlerOutcome =
  | { readonly status: 'succeeded'; readonly result?: Json }
  | {
      readonly status: 'failed';
      readonly error: { readonly code: string; readonly message: string };
      /** False when another try would end the same way; by default true. */
      readonly retryable?: boolean;
    };

/**
 * Runs a job. What it throws is a failure that may be tried again.
 *
 * @param signal  aborts at the time limit, when the owner asks for it, or when the executor stops
 */
export type Handler = (job: RunnableJob, signal: AbortSignal) => Promise<HandlerOutcome>;

/** By the scheme of the location, without the colon. */
export type Handlers = Readonly<Record<string, Handler>>;
