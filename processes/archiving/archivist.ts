import type { Draw } from '../../domain/chance';
import type { LogScan } from '../../projections/reading/log-scan';
import type { LogConsumer } from './consumer';
import type { ArchivistMetrics } from './metrics';
import { archivingRound, type Fault, type Looked } from './round';
import { backoffMs, pause, type BackoffPolicy } from '../runtime/backoff';
import { innerController } from '../runtime/inner-signal';
import type { Logger } from '../runtime/logger';
import type { Process } from '../runtime/process';
import { unwatched, type ServerName, type Vitals } from '../health/vitals';

export type ArchivistDeps = {
  readonly scan: LogScan;
  readonly consumers: readonly LogConsumer[];
  readonly draw: Draw;
  readonly logger: Logger;
  readonly metrics: Pick<ArchivistMetrics, 'events' | 'roundMs' | 'lagMs' | 'fault'>;
  readonly vitals?: Vitals;
  /** Pause between two rounds. */
  readonly everyMs: number;
};

/** A round may take minutes: on a full processor the log is read at a tenth of the pace. */
const TELL_LAG_EVERY_MS = 1_000;

/** Nobody waits for it: what keeps failing is tried again at leisure. */
const policy: BackoffPolicy = { baseMs: 100, capMs: 10_000 };

const SERVERS: readonly ServerName[] = ['event-store', 'read-model'];

/** A round without a fault of a server has had all that it asked of it. */
const tellServers = (vitals: Vitals, faults: readonly Fault[]): void => {
  for (const server of SERVERS) {
    const fault = faults.find((one) => one.server === server);
    if (fault) vitals.failed(server, fault.error);
    else vitals.worked(server);
  }
};

/**
 * Hands the log to those who keep something of it for later, in large batches every few seconds. One that fails
 * begins again from where it is then, and holds up no other; the log and their own stores decide where that is.
 */
export const archivist = ({ scan, consumers, ...deps }: ArchivistDeps): Process => ({
  name: 'archivist',
  run: async (outer) => {
    const { draw, logger, metrics, everyMs, vitals = unwatched } = deps;
    const { signal } = innerController(outer);
    let failures = 0;
    let looked: Looked | undefined;
    let caughtUpMs = performance.now();
    const tellingLag = setInterval(() => {
      metrics.lagMs(performance.now() - caughtUpMs);
    }, TELL_LAG_EVERY_MS);
    while (!signal.aborted) {
      const startMs = performance.now();
      const round = await archivingRound(scan, consumers, signal, looked);
      const { events, faults } = round;
      ({ looked } = round);
      if (signal.aborted) break;
      metrics.events(events);
      metrics.roundMs(performance.now() - startMs);
      for (const { consumer, error } of faults) {
        metrics.fault();
        logger.warn({ consumer, failures: failures + 1, err: error }, 'archivist begins again');
      }
      failures = faults.length === 0 ? 0 : failures + 1;
      tellServers(vitals, faults);
      if (failures === 0) {
        vitals.moved();
        caughtUpMs = startMs;
      }
      await pause(failures === 0 ? everyMs : backoffMs(failures, policy, draw()), signal);
    }
    clearInterval(tellingLag);
  },
});
