import type { Draw } from '../../domain/chance';
import { mayPass, unfit } from '../../infra/postgres/refusals';
import { ServerUnfit, type ServerCheck } from '../../infra/server-check';
import { retrying } from '../runtime/backoff';
import { limitedSignal } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';

export type PostgresStart = {
  readonly url: string;
  readonly checks: readonly ServerCheck[];
  /** Brings the schema up to date, where that is this program's to do. */
  readonly migrate: () => Promise<unknown>;
  readonly logger: Logger;
  readonly draw: Draw;
  /** How long the server may be away. */
  readonly withinMs: number;
};

/**
 * Waits for Postgres, finds out by trying whether it is as needed, and brings the schema up to date. Says in the log
 * what it waits for.
 *
 * @returns false when the signal aborted first
 * @throws ServerUnfit that says what to do
 */
export const startOnPostgres = async (
  { url, checks, migrate, logger, draw, withinMs }: PostgresStart,
  signal: AbortSignal,
): Promise<boolean> => {
  let tried = '';
  let told = '';
  const once = async (): Promise<void> => {
    for (const { name, setting, look } of checks) {
      tried = name;
      const verdict = await look();
      if (verdict.outcome === 'missing') throw new ServerUnfit({ setting, url, tried, ...verdict });
      if (verdict.outcome === 'reduced')
        logger.warn(
          { setting, tried, found: verdict.found, remedy: verdict.remedy },
          'Postgres is not quite as needed',
        );
    }
    tried = 'to bring the schema up to date';
    await migrate();
  };
  const tellOnce = (error: unknown): void => {
    const { message } = unfit(url, tried, error);
    if (message === told || !mayPass(error)) return;
    told = message;
    logger.warn({ reason: message }, 'waiting for Postgres');
  };
  try {
    await retrying(once, {
      signal: limitedSignal(signal, withinMs),
      draw,
      isTransient: mayPass,
      onFailure: tellOnce,
    });
  } catch (error) {
    if (signal.aborted) return false;
    throw unfit(url, tried, error);
  }
  if (told !== '') logger.info({}, 'Postgres is there');
  return true;
};
