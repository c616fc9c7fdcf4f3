import type { DispatcherMetrics } from '../../processes/dispatching/dispatcher';
import type { AttemptMetrics } from '../../processes/gateway/attempt-requests';
import type { ExecutorMetrics } from '../../processes/executing/slots';
import type { Log } from '../../processes/runtime/log';
import type { RescuerMetrics } from '../../processes/rescuing/settings';

const nothing = (): void => undefined;

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

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
  readonly gateway: AttemptMetrics;
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
      undeliverable: () => {
        count('undeliverable');
      },
      stale: () => {
        count('stale');
      },
      expired: () => {
        count('expired');
      },
      failedTry: (step) => {
        count(`failed:${step}`);
      },
      slots: nothing,
      load: nothing,
      held: nothing,
    },
    gateway: {
      unforeseen: (subject) => {
        count(`unforeseen:${subject}`);
      },
      lostGrant: () => {
        count('lost-grant');
      },
      claim: (code = 'granted') => {
        count(`claim:${code}`);
      },
      report: (status, code = 'accepted') => {
        count(`report:${status}:${code}`);
      },
    },
    executor: {
      claimed: (code = 'granted') => {
        count(`claimed:${code}`);
      },
      reported: (status, code = 'accepted') => {
        count(`reported:${status}:${code}`);
      },
      duplicate: () => {
        count('duplicate');
      },
      poison: () => {
        count('poison');
      },
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
