import type { Draw } from '../../domain/chance';
import { backoffMs, pause, type BackoffPolicy } from '../runtime/backoff';
import type { Logger } from '../runtime/logger';
import { isLogOutage } from '../runtime/log-outage';
import type { ServerName, Vitals } from '../health/vitals';
import { BrokerAway } from './contained';
import type { RescuerMetrics, SearchName } from './metrics';

/** One kind of thing to look for. The searches run apart: what one waits for holds up no other. */
export type Search = {
  readonly name: SearchName;
  /**
   * @returns how long the next round may wait, in ms; by default as long as usual
   * @throws Error  log, broker or database are away: nothing can be said about any job now
   */
  readonly round: () => Promise<number | undefined>;
};

export type SearchDeps = {
  readonly logger: Logger;
  readonly metrics: RescuerMetrics;
  readonly draw: Draw;
  readonly vitals: Vitals;
  readonly everyMs: number;
};

const serverOf = (error: unknown): ServerName => {
  if (error instanceof BrokerAway) return 'broker';
  return isLogOutage(error) ? 'event-store' : 'read-model';
};

const outagePause: BackoffPolicy = { baseMs: 500, capMs: 5_000 };

/** Round after round until the signal aborts; after an outage the next one waits longer. Never rejects. */
export const searchOn = async (
  { name, round }: Search,
  { logger, metrics, draw, vitals, everyMs }: SearchDeps,
  signal: AbortSignal,
): Promise<void> => {
  let away: ServerName | undefined;
  for (let failures = 0; !signal.aborted;) {
    let waitMs = everyMs;
    try {
      waitMs = Math.max(everyMs, (await round()) ?? 0);
      failures = 0;
      vitals.moved();
      if (away) vitals.worked(away);
      away = undefined;
    } catch (error) {
      failures += 1;
      away = serverOf(error);
      vitals.failed(away, error);
      metrics.outage(name);
      if (!signal.aborted) logger.warn({ err: error, search: name, failures }, 'rescue put off');
      waitMs += backoffMs(failures, outagePause, draw());
    }
    await pause(waitMs, signal);
  }
};
