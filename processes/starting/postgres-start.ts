import { postgresChecks } from '../../infra/postgres/checks';
import { migrate } from '../../infra/postgres/migrate';
import { mayPass, unfit } from '../../infra/postgres/refusals';
import type { ServerCheck } from '../../infra/server-check';
import { migrations } from '../../projections/migrations/migrations';
import type { Logger } from '../runtime/logger';
import { passChecks } from './server-checks';

export type PostgresStart = {
  readonly url: string;
  /** Brings the schema up to date, or only compares. */
  readonly migrates: boolean;
  /** That this program may have open. */
  readonly connections: number;
  readonly logger: Logger;
  /** How long the server may be away. */
  readonly withinMs?: number;
};

const AWAY_MS = 30_000;

/**
 * Waits for Postgres, finds out by trying whether it is as needed, and brings the schema up to date.
 *
 * @returns false when the signal aborted first
 * @throws ServerUnfit that says what to do
 */
export const startOnPostgres = async (
  { url, migrates, connections, logger, withinMs = AWAY_MS }: PostgresStart,
  signal: AbortSignal,
): Promise<boolean> => {
  const onWait = (sentence: string): void => {
    const message = 'waiting for another program that brings the schema up to date';
    logger.warn({ reason: sentence }, message);
  };
  const schema: ServerCheck = {
    setting: 'POSTGRES_URL',
    name: 'to bring the schema up to date',
    look: async () => {
      if (migrates) await migrate(url, migrations, { onWait, signal });
      return { outcome: 'ok' };
    },
  };
  return await passChecks(
    [...postgresChecks({ url, migrations, migrates, connections }), schema],
    { url, logger, withinMs, mayPass, unfit: (tried, error) => unfit(url, tried, error) },
    signal,
  );
};
