import type { ProcessName } from '../settings/process-names';
import type { HealthMetrics } from '../health/metrics';
import { watchedVitals, type WatchedVitals } from '../health/vitals';
import type { Logger } from '../runtime/logger';

const BROKER_USERS: ReadonlySet<ProcessName> = new Set([
  'dispatcher',
  'rescuer',
  'executor-gateway',
  'executor',
]);

/** They use the stream. A gateway is asked by executors, and asks nothing of it. */
const STREAM_USERS: ReadonlySet<ProcessName> = new Set(['dispatcher', 'rescuer', 'executor']);

/** The signs of life of the processes of one program. */
export type ProgramVitals = {
  readonly of: (process: ProcessName) => WatchedVitals;
  /** As long as the broker's stream says nothing, no sign of the broker says that it works. */
  readonly streamIsSilent: (isSilent: boolean) => void;
};

export const programVitals = (logger: Logger, health: HealthMetrics): ProgramVitals => {
  const watched = new Map<ProcessName, WatchedVitals>();
  let isStreamSilent = false;
  const watch = (process: ProcessName): WatchedVitals => {
    const signs = watchedVitals({
      process,
      logger,
      observe: (server, waits) => {
        health.waits(process, server, waits);
      },
    });
    return {
      ...signs,
      // a beat that is heard, or a new connection, says nothing of a stream that stands still
      worked: (server) => {
        const isStuck = server === 'broker' && isStreamSilent && STREAM_USERS.has(process);
        if (!isStuck) signs.worked(server);
      },
    };
  };
  return {
    of: (process) => {
      const known = watched.get(process) ?? watch(process);
      watched.set(process, known);
      return known;
    },
    streamIsSilent: (isSilent) => {
      isStreamSilent = isSilent;
    },
  };
};

/** What the broker's connection and its stream tell goes to all processes that use them. */
export const brokerSigns = (
  processes: readonly ProcessName[],
  { of, streamIsSilent }: ProgramVitals,
) => {
  const told = (users: ReadonlySet<ProcessName>) => {
    const signs = processes.filter((name) => users.has(name)).map(of);
    return {
      failed: (error: unknown): void => {
        for (const one of signs) one.failed('broker', error);
      },
      worked: (): void => {
        for (const one of signs) one.worked('broker');
      },
    };
  };
  const connection = told(BROKER_USERS);
  const stream = told(STREAM_USERS);
  return {
    ofConnection: { onTrouble: connection.failed, onCalm: connection.worked },
    ofStream: {
      onSilence: (error: unknown): void => {
        streamIsSilent(true);
        stream.failed(error);
      },
      onAnswer: (): void => {
        streamIsSilent(false);
        stream.worked();
      },
    },
  };
};
