import type { Logger } from '../runtime/logger';
import { systemTimers, type Timers } from '../runtime/timers';

/** The servers that a process may have to wait for. */
export type ServerName = 'event-store' | 'read-model' | 'broker';

/** Whether a process works, as it finds out by itself while it works. Cheap: called with each try. */
export type Vitals = {
  /** Something was done, or all was looked at and nothing was to do. */
  readonly moved: () => void;
  /** Another one of its kind does the work; this one is there to take over. */
  readonly standsBy: () => void;
  /** A server kept the process from its work. */
  readonly failed: (server: ServerName, error: unknown) => void;
  /** A server did what was asked of it. */
  readonly worked: (server: ServerName) => void;
};

/** For a process whose signs nobody looks at. */
export const unwatched: Vitals = {
  moved: () => undefined,
  standsBy: () => undefined,
  failed: () => undefined,
  worked: () => undefined,
};

/** A server that is waited for, and the reason as a sentence without secrets. */
export type Hindrance = { readonly server: ServerName; readonly reason: string };

export type VitalSigns = {
  readonly process: string;
  /** How long ago it moved, in ms. */
  readonly stillMs: number;
  readonly isStandby: boolean;
  readonly hindrances: readonly Hindrance[];
};

export type VitalsDeps = {
  readonly process: string;
  readonly logger: Logger;
  /** 1 while the process waits for the server, else 0. */
  readonly observe: (server: ServerName, waits: 0 | 1) => void;
  readonly timers?: Timers;
};

export type WatchedVitals = Vitals & {
  /** Call it every few seconds: what begins or ends between two looks is logged and counted by the second. */
  readonly look: () => VitalSigns;
};

/** Failures count once they have been met, without a success, for so long: one that is not met again is no wait. */
const GRACE_MS = 2_000;
/** A failure that nobody has met again for so long: nobody tries any more, so nobody waits. */
const LAPSE_MS = 30_000;

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : '';
  return cause === '' ? error.message : `${error.message} (${cause})`;
};

type Failing = { readonly sinceMs: number; readonly lastMs: number; readonly error: unknown };

/** Reasons that take turns, or name one job after another, are one wait: a line in so long. */
const TELL_AGAIN_MS = 30_000;

/** Keeps the signs of one process: one line in the log when a wait begins or its reason has changed, and one when it ends. */
export const watchedVitals = (deps: VitalsDeps): WatchedVitals => {
  const { process, logger, observe, timers = systemTimers } = deps;
  const failing = new Map<ServerName, Failing>();
  const told = new Map<ServerName, { readonly reason: string; readonly atMs: number }>();
  let isStandby = false;
  let movedAtMs = timers.monotonicMs();

  const hindranceBy = (server: ServerName, nowMs: number): Hindrance | undefined => {
    const known = failing.get(server);
    if (!known || nowMs - known.lastMs > LAPSE_MS || known.lastMs - known.sinceMs < GRACE_MS)
      return undefined;
    return { server, reason: reasonOf(known.error) };
  };
  const tell = (hindrances: readonly Hindrance[], nowMs: number): void => {
    for (const { server, reason } of hindrances) {
      const last = told.get(server);
      if (last && (last.reason === reason || nowMs - last.atMs < TELL_AGAIN_MS)) continue;
      told.set(server, { reason, atMs: nowMs });
      observe(server, 1);
      logger.warn({ process, server, reason }, `the ${process} waits for the ${server}`);
    }
    for (const server of told.keys()) {
      if (hindrances.some((one) => one.server === server)) continue;
      told.delete(server);
      observe(server, 0);
      logger.info({ process, server }, `the ${process} goes on`);
    }
  };

  return {
    moved: () => {
      movedAtMs = timers.monotonicMs();
      isStandby = false;
    },
    standsBy: () => {
      isStandby = true;
    },
    failed: (server, error) => {
      const nowMs = timers.monotonicMs();
      const known = failing.get(server);
      const isSame = known !== undefined && nowMs - known.lastMs <= LAPSE_MS;
      failing.set(server, { sinceMs: isSame ? known.sinceMs : nowMs, lastMs: nowMs, error });
    },
    worked: (server) => {
      failing.delete(server);
    },
    look: () => {
      const nowMs = timers.monotonicMs();
      const hindrances = [...failing.keys()].flatMap((server) => hindranceBy(server, nowMs) ?? []);
      tell(hindrances, nowMs);
      return { process, stillMs: Math.round(nowMs - movedAtMs), isStandby, hindrances };
    },
  };
};
