import { systemTimers } from '../processes/timers';
import type { LogScan } from '../projections/log-scan';
import { paced, POLITE_PER_SECOND, politePace } from '../projections/paced-scan';
import { UsageError } from './verb';

/** For `parseArgs`: how fast the log is read. */
export const paceFlags = { rate: { type: 'string' } } as const;

/** The lines of a usage text that tell of `paceFlags`. */
export const paceUsage = `  --rate N|full       events a second to read at most; unless told, ${POLITE_PER_SECOND} while the system works, so that
                      it stays on time, and full speed while it is idle`;

const fastest = 1_000_000;

/**
 * Makes a scan keep the pace that was asked for.
 *
 * @param isLive  whether the live system works right now, asked when no rate was given; may reject
 * @throws UsageError for a rate that is none
 */
export const paceFrom = (
  { rate }: { readonly rate?: string | undefined },
  isLive: () => Promise<boolean>,
): ((scan: LogScan) => LogScan) => {
  if (rate === 'full') return (scan) => scan;
  if (rate === undefined)
    return (scan) => paced(scan, politePace(isLive, systemTimers), systemTimers);
  const perSecond = /^\d+$/.test(rate) ? Number(rate) : 0;
  if (perSecond < 1 || perSecond > fastest)
    throw new UsageError(`--rate ${rate} is neither 1 to ${fastest} events a second nor full`);
  return (scan) => paced(scan, () => perSecond, systemTimers);
};
