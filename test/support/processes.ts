import type { DispatcherMetrics } from '../../processes/dispatching/metrics';
import type { GatewayMetrics } from '../../processes/gateway/metrics';
import type { ExecutorMetrics } from '../../processes/executing/metrics';
import type { Logger } from '../../processes/runtime/logger';
import type { ProjectorMetrics } from '../../processes/projecting/metrics';
import type { RescuerMetrics } from '../../processes/rescuing/metrics';

const nothing = (): void => undefined;

export const silentLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

export const silentProjectorMetrics: ProjectorMetrics = {
  applied: nothing,
  batchMs: nothing,
  lagEvents: nothing,
  lagMs: nothing,
  parked: nothing,
  fault: nothing,
};

/** How often each thing was counted, by name: `stale`, `claim:job-running`. */
export type Counts = {
  readonly of: (name: string) => number;
  /** Every name that was counted at all. */
  readonly all: () => Readonly<Record<string, number>>;
  /** Every lateness of a dispatch append, in ms. */
  readonly latenessMs: readonly number[];
};

export type MetricsRecorder = {
  readonly counts: Counts;
  readonly dispatcher: DispatcherMetrics;
  readonly gateway: GatewayMetrics;
  readonly executor: ExecutorMetrics;
  readonly rescuer: RescuerMetrics;
};

export const metricsRecorder = (): MetricsRecorder => {
  const counted = new Map<string, number>();
  const latenessMs: number[] = [];
  const count = (name: string): void => {
    counted.set(name, (counted.get(name) ?? 0) + 1);
  };
  return {
    counts: {
      of: (name) => counted.get(name) ?? 0,
      all: () => Object.fromEntries(counted),
      latenessMs,
    },
    dispatcher: {
      appended: (lateMs) => {
        latenessMs.push(lateMs);
        count('appended');
      },
      published: () => {
        count('published');
      },
      notDispatched: count,
      failedTry: (step) => {
        count(`failed:${step}`);
      },
      shards: nothing,
      waiting: nothing,
      inFlight: nothing,
      heldBack: nothing,
    },
    gateway: {
      unforeseen: (subject) => {
        count(`unforeseen:${subject}`);
      },
      lostGrant: () => {
        count('lost-grant');
      },
      claim: (code) => {
        count(`claim:${code}`);
      },
      report: (status, code) => {
        count(`report:${status}:${code}`);
      },
    },
    executor: {
      claimed: (code) => {
        count(`claimed:${code}`);
      },
      reported: (status, code) => {
        count(`reported:${status}:${code}`);
      },
      dropped: count,
      putOff: () => {
        count('put-off');
      },
      running: nothing,
    },
    rescuer: {
      rescued: (cause) => {
        count(`rescued:${cause}`);
      },
      waiting: nothing,
      removed: () => {
        count('removed');
      },
      fault: (search) => {
        count(`fault:${search}`);
      },
      outage: (search) => {
        count(`outage:${search}`);
      },
      putOff: nothing,
    },
  };
};
