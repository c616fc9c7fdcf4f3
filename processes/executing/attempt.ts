import type { Logger } from '../runtime/logger';
import type { ReportRequest } from '../protocol/report';
import type { Timers } from '../runtime/timers';
import { schemeOf } from './flow';
import { keptResult } from './kept-result';
import type { HandlerOutcome, Handlers, RunnableJob } from './ports';

export type Outcome = ReportRequest['outcome'];

/** Why a running handler is told to stop. */
export type AbortCause = 'timed-out' | 'abort-requested' | 'revoked' | 'executor-stopping';

export type AttemptDeps = {
  readonly handlers: Handlers;
  readonly timers: Timers;
  readonly logger: Logger;
  /** How long a handler may go on after it was told to stop, before it is given up. */
  readonly abandonAfterMs: number;
};

const MAX_MESSAGE_CHARS = 2_000;
const MAX_CODE_CHARS = 100;

/** What cannot be kept as text: NUL, and halves of surrogate pairs, such as a cut leaves. */
const UNKEEPABLE = /[\0\p{Cs}]/gu;

const cut = (text: string, maxChars: number): string =>
  text.slice(0, maxChars).replaceAll(UNKEEPABLE, '\ufffd');

const failed = (code: string, message: string, retryable = true): Outcome => ({
  status: 'failed',
  error: {
    code: cut(code, MAX_CODE_CHARS) || 'failed',
    message: cut(message, MAX_MESSAGE_CHARS),
  },
  retryable,
});

const reported = (outcome: HandlerOutcome): Outcome => {
  if (outcome.status === 'failed')
    return failed(outcome.error.code, outcome.error.message, outcome.retryable ?? true);
  const result = keptResult(outcome.result);
  return { status: 'succeeded', ...(result !== undefined && { result }) };
};

const stopped = (cause: AbortCause): Outcome => {
  switch (cause) {
    case 'abort-requested':
      return { status: 'aborted' };
    case 'timed-out':
      return failed('timed-out', 'the attempt reached its time limit');
    case 'revoked':
      return failed('revoked', 'the attempt was given to somebody else, or is over');
    case 'executor-stopping':
      return failed('executor-stopping', 'the executor was stopped before the job was done');
  }
};

/** One run of a handler. */
export type Run = {
  readonly outcome: Promise<Outcome>;
  readonly abort: (cause: AbortCause) => void;
};

/**
 * Runs the handler for a job until it ends, or until it was told to stop and has had time to. A success that
 * comes after the request to stop is still a success.
 *
 * @param leftMs  time until the attempt's limit
 */
export const runAttempt = (
  { handlers, timers, logger, abandonAfterMs }: AttemptDeps,
  job: RunnableJob,
  leftMs: number,
): Run => {
  const controller = new AbortController();
  let cause: AbortCause | undefined;
  let isOver = false;
  let giveUp: (outcome: Outcome) => void = () => undefined;
  const givenUp = new Promise<Outcome>((resolve) => {
    giveUp = resolve;
  });
  let cancelGivingUp = (): void => undefined;
  const abort = (because: AbortCause): void => {
    if (cause || isOver) return;
    cause = because;
    controller.abort(cause);
    cancelGivingUp = timers.after(abandonAfterMs, () => {
      logger.warn({ jobId: job.jobId, cause }, 'a handler did not stop in time');
      giveUp(stopped(because));
    });
  };
  const handle = async (): Promise<Outcome> => {
    const scheme = schemeOf(job.location);
    const handler = Object.hasOwn(handlers, scheme) ? handlers[scheme] : undefined;
    if (!handler) return failed('no-handler', `nothing here runs ${scheme}: locations`, false);
    try {
      const outcome = reported(await handler(job, controller.signal));
      return outcome.status === 'failed' && cause ? stopped(cause) : outcome;
    } catch (error) {
      if (cause) return stopped(cause);
      return failed('handler-error', error instanceof Error ? error.message : String(error));
    }
  };
  const outcome = async (): Promise<Outcome> => {
    const cancelLimit = timers.after(Math.max(0, leftMs), () => {
      abort('timed-out');
    });
    try {
      return await Promise.race([handle(), givenUp]);
    } finally {
      isOver = true;
      cancelLimit();
      cancelGivingUp();
    }
  };
  return { outcome: outcome(), abort };
};
