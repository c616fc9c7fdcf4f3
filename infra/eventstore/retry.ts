import type { Draw } from '../../domain/chance';
import type { Failure } from './failures';

export type RetryOptions = {
  /** All tries together, in ms. */
  readonly deadlineMs: number;
  /** Silence after which the call is sent once more, in ms; earlier tries may still answer. */
  readonly tryMs: number;
  /** Whether the server has answered anything since then, by the clock of `performance.now`. */
  readonly isServing?: (sinceMs: number) => boolean;
  readonly draw: Draw;
  /** @param wasSent  whether the try that failed had been sent */
  readonly failureOf: (error: unknown, wasSent: boolean) => Failure;
};

/** What a try tells while it is under way. */
export type Try = {
  /** Called when all is settled. */
  readonly release: (free: () => void) => void;
  /** From now on a server may do what is asked. @throws when the call has been answered meanwhile: it must not be sent */
  readonly sent: () => void;
};

/** What the tries have told when there is no answer to be had. */
export type NoAnswer = {
  /** True when a server may have done what one of the tries asked, those still under way included. */
  readonly mayBeDone: boolean;
  /** How long an answer was waited for. */
  readonly waitedMs: number;
  /** The newest failure of a try, if one failed. */
  readonly cause: unknown;
};

/**
 * A server that answers others has the call in its queue, most likely: sent again each time, calls that are slow for
 * the load would be three or four times the load, and never get an answer. So it is sent once more only after so many
 * times the silence.
 */
const PATIENCE = 3;

const BACKOFF_BASE_MS = 20;
const BACKOFF_CAP_MS = 500;

/** Wait after try `n` (from 1) in ms: exponential, of which the upper half is drawn. */
const backoffMs = (n: number, draw: Draw): number =>
  Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (n - 1)) * (0.5 + 0.5 * draw());

/**
 * Sends a call again until one of its tries is answered, whichever that is.
 *
 * @param noAnswer  makes the error of a call that has come to its deadline, or whose tries say different things
 * @throws what `send` rejected with, when that is a refusal and no other try may have been done
 */
export const retried = <T>(
  send: (one: Try) => Promise<T>,
  noAnswer: (told: NoAnswer) => Error,
  { deadlineMs, tryMs, isServing = () => false, draw, failureOf }: RetryOptions,
): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const startedAt = performance.now();
    const giveUpAt = startedAt + deadlineMs;
    let releases: (() => void)[] | undefined;
    let timer: NodeJS.Timeout;
    let isSettled = false;
    const mayBeDone = new Set<number>();
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
      reject(
        noAnswer({
          mayBeDone: mayBeDone.size > 0,
          waitedMs: Math.round(performance.now() - startedAt),
          cause: lastError,
        }),
      );
    };
    const onFailure = (of: number, error: unknown): void => {
      if (isSettled) return;
      const failure = failureOf(error, mayBeDone.has(of));
      if (failure !== 'unknown') mayBeDone.delete(of);
      lastError = error;
      if (failure === 'refused') {
        // what an earlier try did is not undone by the no to this one
        if (mayBeDone.size > 0) {
          giveUp();
          return;
        }
        settle();
        reject(
          error instanceof Error ? error : new Error('the client threw no error', { cause: error }),
        );
        return;
      }
      if (of === tries) after(backoffMs(tries, draw), attempt);
    };
    const attempt = (): void => {
      tries += 1;
      const of = tries;
      const triedAtMs = performance.now();
      const onSilence = (): void => {
        const isQueued = isServing(triedAtMs) && performance.now() - triedAtMs < PATIENCE * tryMs;
        if (isQueued) after(tryMs, onSilence);
        else attempt();
      };
      after(tryMs, onSilence);
      send({
        release: (free) => (releases ??= []).push(free),
        sent: () => {
          if (isSettled) throw new Error('the call was given up before this try could be sent');
          mayBeDone.add(of);
        },
      }).then(
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
