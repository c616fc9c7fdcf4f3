import { EventLogUnavailable } from '../../domain/event-log';
import type { LogScan } from '../../projections/reading/log-scan';
import { failureOf } from './failures';

/** The same scan for those who answer callers: a log that cannot be read throws EventLogUnavailable. */
export const availableScan = (scan: LogScan): LogScan =>
  async function* available(range, signal) {
    try {
      yield* scan(range, signal);
    } catch (error) {
      if (signal.aborted || failureOf(error, true) === 'refused') throw error;
      throw new EventLogUnavailable('the log cannot be scanned', { cause: error });
    }
  };
