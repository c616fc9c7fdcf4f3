import { ServerUnfit, type ServerCheck } from '../../infra/server-check';
import { retrying } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';

export type PassingChecks = {
  /** As set, password included; it is not shown. */
  readonly url: string;
  /** How long a server that does not answer is asked again, all checks together. */
  readonly withinMs: number;
  readonly logger: Logger;
  /** Says what an error of the server's client means. */
  readonly saidBy: (error: unknown) => string;
};

/**
 * Makes the checks one after the other; what is there in part is a line in the log.
 *
 * @throws ServerUnfit for the first thing that is missing, when the server does not answer in time, or of a check,
 *   which waiting does not change
 */
export const passChecks = async (
  checks: readonly ServerCheck[],
  { url, withinMs, logger, saidBy }: PassingChecks,
): Promise<void> => {
  const signal = AbortSignal.timeout(withinMs);
  for (const { setting, name, look } of checks) {
    const unfit = (tried: string, found: string, remedy: string, cause?: unknown): ServerUnfit =>
      new ServerUnfit({ setting, url, tried, found, remedy }, { cause });
    const verdict = await retrying(look, {
      signal,
      draw: Math.random,
      isTransient: (error) => !(error instanceof ServerUnfit),
      onFailure: (error, tries) => {
        if (tries === 1) logger.warn({ err: error, setting, check: name }, 'waiting for an answer');
      },
    }).catch((error: unknown) => {
      if (error instanceof ServerUnfit) throw error;
      throw unfit(
        `${name} for ${withinMs / 1_000} s`,
        saidBy(error),
        'See whether the server works.',
        error,
      );
    });
    if (verdict.outcome === 'missing') throw unfit(name, verdict.found, verdict.remedy);
    if (verdict.outcome === 'reduced')
      logger.warn(
        { setting, check: name, found: verdict.found, remedy: verdict.remedy },
        'the server gives less than was asked for',
      );
  }
};
