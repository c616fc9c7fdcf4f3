import type { Clock } from '../../domain/time';
import { skewOf, SKEW_LIMIT_MS, type ServerTime } from '../../infra/server-time';
import { pause } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { systemTimers, type Timers } from '../runtime/timers';
import type { ServerName } from './vitals';

/** By how much the clock of a server is ahead of ours, in ms; those that are away or tell no time are missing. */
export type ClockSkews = Readonly<Partial<Record<ServerName, number>>>;

export type ClockWatchDeps = {
  readonly servers: Readonly<Partial<Record<ServerName, ServerTime>>>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observe: (server: ServerName, skewMs: number) => void;
  readonly timers?: Timers;
  readonly everyMs?: number;
};

export type ClockWatch = Process & { readonly skews: () => ClockSkews };

const EVERY_MS = 30_000;

/** Compares our clock with those of the servers. Nothing is decided by it: it tells people which clock is wrong. */
export const clockWatch = (deps: ClockWatchDeps): ClockWatch => {
  const { servers, clock, logger, observe, timers = systemTimers, everyMs = EVERY_MS } = deps;
  const skews = new Map<ServerName, number>();
  const isOff = (server: ServerName): boolean => Math.abs(skews.get(server) ?? 0) > SKEW_LIMIT_MS;

  const look = async (server: ServerName, time: ServerTime): Promise<void> => {
    const wasOff = isOff(server);
    const skewMs = await skewOf(time, { clock, monotonicMs: timers.monotonicMs }).catch(
      () => undefined,
    );
    if (skewMs === undefined) {
      skews.delete(server);
      return;
    }
    skews.set(server, skewMs);
    observe(server, skewMs);
    if (isOff(server) && !wasOff)
      logger.warn({ server, skewMs }, `the clock of the ${server} is not ours; set both by NTP`);
  };
  return {
    name: 'clock-watch',
    skews: () => Object.fromEntries(skews),
    run: async (outer) => {
      const { signal } = innerController(outer);
      while (!signal.aborted) {
        await Promise.all(
          Object.entries(servers).map(([server, time]) => look(server as ServerName, time)),
        );
        await pause(everyMs, signal);
      }
    },
  };
};
