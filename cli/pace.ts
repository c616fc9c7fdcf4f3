import { processorIdle } from '../infra/processor';
import { openDatabase } from '../infra/postgres/database';
import { isReadModelLost } from '../infra/postgres/failures';
import { systemTimers } from '../processes/runtime/timers';
import type { LogScan } from '../projections/reading/log-scan';
import {
  brake,
  POLITE_PER_SECOND,
  politePace,
  type LiveActivity,
  type Pace,
} from '../projections/reading/pace';
import { paced } from '../projections/reading/paced-scan';
import { liveActivity, NOBODY_LIVE } from '../projections/queries/operating/live-activity';
import { UsageError } from './verb';

/** For `parseArgs`: how fast the log is read. */
export const paceFlags = { rate: { type: 'string' } } as const;

/** The lines of a usage text that tell of `paceFlags`. */
export const paceUsage = `  --rate N|full       events a second to read at most; unless told, full speed while the system is idle; while it
                      works ${POLITE_PER_SECOND}, or a quarter more than it does itself, and a tenth
                      while jobs are late or the processor is full`;

/** Whether somebody is dispatching who must not be slowed down. */
export type Liveness = {
  /** Absent: no live system is known, so nobody is in the way. */
  readonly look?: () => Promise<LiveActivity>;
  readonly close: () => Promise<void>;
};

/** @param postgresUrl  read model of the live system, which tells whether it works; connects when first asked */
export const livenessOf = (postgresUrl: string | undefined): Liveness => {
  if (postgresUrl === undefined) return { close: () => Promise.resolve() };
  const database = openDatabase({
    url: postgresUrl,
    applicationName: 'punctual-pace',
    poolSize: 1,
  });
  const look = async (): Promise<LiveActivity> => {
    try {
      return await liveActivity(database);
    } catch (error) {
      if (isReadModelLost(error)) return NOBODY_LIVE; // nothing is dispatched before it is back
      throw error;
    }
  };
  return { look, close: () => database.destroy() };
};

const fastest = 1_000_000;

/** Reading a row of a table and hashing it costs this part of what reading an event and applying it does. */
const ROWS_PER_EVENT = 8;

/** How a verb keeps the pace that was asked for. */
export type Pacing = {
  readonly scan: (scan: LogScan) => LogScan;
  /** To be told of rows that were read of tables; resolves when more may be read. */
  readonly rows: (count: number, signal: AbortSignal) => Promise<void>;
};

const unpaced: Pacing = { scan: (scan) => scan, rows: () => Promise.resolve() };

const pacedBy = (pace: () => Pace | Promise<Pace>): Pacing => {
  const shared = brake(pace, systemTimers);
  return {
    scan: (scan) => paced(scan, shared),
    rows: async (count, signal) => {
      shared.spend(count / ROWS_PER_EVENT, await shared.ready(signal));
      await shared.ready(signal);
    },
  };
};

/** @throws UsageError for a rate that is none */
export const pacingFrom = (
  { rate }: { readonly rate?: string | undefined },
  { look }: Pick<Liveness, 'look'>,
): Pacing => {
  if (rate === undefined && look)
    return pacedBy(politePace({ look, idleShare: processorIdle() }, systemTimers));
  if (rate === undefined || rate === 'full') return unpaced;
  const eventsPerSecond = /^\d+$/.test(rate) ? Number(rate) : 0;
  if (eventsPerSecond < 1 || eventsPerSecond > fastest)
    throw new UsageError(`--rate ${rate} is neither 1 to ${fastest} events a second nor full`);
  return pacedBy(() => ({ eventsPerSecond }));
};
