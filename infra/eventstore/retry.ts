import type { Draw } from '../../commands/ports';
import type { Failure } from './failures';

export type RetryOptions = {
  /** All tries together, in ms. */
  readonly deadlineMs: number;
  /** Silence after which the call is sent once more, in ms; earlier tries may still answer. */
  readonly tryMs: number;
  readonly draw: Draw;
  readonly failureOf: (error: unknown) => Failure;
};

/** What the tries have told when the deadline has passed without an answer. */
export type NoAnswer = {
  /** True when a server may have taken one of the tries. */
  readonly wasSent: boolean;
  readonly deadlineMs: number;
  /** The newest failure of a try, if one failed. */
  readonly cause: unknown;
};

const BACKOFF_BASE_MS = 20;
const BACKOFF_CAP_MS = 500;

/** Wait after try `n` (from 1) in ms: exponential, of which the upper half is drawn. */
const backoffMs = (n: number, draw: Draw): number =>
  Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (n - 1)) * (0.5 + 0.5 * draw());

/**
 * Sends a call again until one of its tries is answered, whichever that is.
 *
 * @param send      starts a try; what it gives to `release` is called when all is settled
 * @param noAnswer  makes the error of a call that has come to its deadline
 * @throws what `send` rejected with, when that is a refusal
 */
export const retried = <T>(
  send: (release: (free: () => void) => void) => Promise<T>,
  noAnswer: (told: NoAnswer) => Error,
  { deadlineMs, tryMs, draw, failureOf }: RetryOptions,
): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const giveUpAt = performance.now() + deadlineMs;
    let releases: (() => void)[] | undefined;
    let timer: NodeJS.Timeout;
    let isSettled = false;
    let wasSent = false;
    let lastError: unknown;
    let tries = 0;

    const settle = (): void => {
      isSettled = true;
      clearTimeout(timer);
      for (const free of releases ?? []) free();
    };
    const after = (ms: number, next: () => void): void => {
      const leftMs = giveUpAt - performance.now();
      clearTimeout(timer);
      timer = ms < leftMs ? setTimeout(next, ms) : setTimeout(giveUp, leftMs);
    };
    const giveUp = (): void => {
      settle();
      reject(noAnswer({ wasSent, deadlineMs, cause: lastError }));
    };
    const onFailure = (of: number, error: unknown): void => {
      if (isSettled) return;
      const failure = failureOf(error);
      if (failure === 'refused') {
        settle();
        reject(
          error instanceof Error ? error : new Error('the client threw no error', { cause: error }),
        );
        return;
      }
      lastError = error;
      wasSent ||= failure === 'unknown';
      if (of === tries) after(backoffMs(tries, draw), attempt);
    };
    const onSilence = (): void => {
      wasSent = true;
      attempt();
    };
    const attempt = (): void => {
      tries += 1;
      const of = tries;
      after(tryMs, onSilence);
      send((free) => (releases ??= []).push(free)).then(
        (answer) => {
          if (isSettled) return;
          settle();
          resolve(answer);
        },
        (error: unknown) => {
          onFailure(of, error);
        },
      );
    };
    attempt();
  });
