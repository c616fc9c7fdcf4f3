import type { Log } from './log';
import { systemTimers, type Timers } from './timers';

/** The servers that a process may have to wait for. */
export type ServerName = 'event-store' | 'read-model' | 'broker';

/** Whether a process works, as it finds out by itself while it works. */
export type Vitals = {
  /** Something was done, or all was looked at and nothing was to do. */
  readonly moved: () => void;
  /** A server keeps the process from its work. Cheap to call again with each try. */
  readonly waitsFor: (server: ServerName, error: unknown) => void;
  /** That server does what is asked of it. */
  readonly goesOn: (server: ServerName) => void;
};

export type Hindrance = { readonly server: ServerName; readonly sentence: string };

export type VitalSigns = {
  readonly process: string;
  /** How long ago it moved, in ms. */
  readonly stillMs: number;
  readonly hindrances: readonly Hindrance[];
};

export type VitalsDeps = {
  readonly process: string;
  readonly log: Log;
  /** 1 while the process waits for the server, else 0. */
  readonly observe: (server: ServerName, waits: 0 | 1) => void;
  readonly timers?: Timers;
};

const sentenceOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return `${error.message}${cause}`;
};

/** Keeps the signs of one process: one line in the log when a wait begins, or its reason changes, and one when it ends. */
export const vitals = (deps: VitalsDeps): Vitals & { readonly look: () => VitalSigns } => {
  const { process, log, observe, timers = systemTimers } = deps;
  const hindrances = new Map<ServerName, string>();
  let movedAtMs = timers.monotonicMs();
  return {
    moved: () => {
      movedAtMs = timers.monotonicMs();
    },
    waitsFor: (server, error) => {
      const sentence = sentenceOf(error);
      if (hindrances.get(server) === sentence) return;
      hindrances.set(server, sentence);
      observe(server, 1);
      log.warn({ process, server, reason: sentence }, `${process} waits for the ${server}`);
    },
    goesOn: (server) => {
      if (!hindrances.delete(server)) return;
      observe(server, 0);
      log.info({ process, server }, `${process} goes on`);
    },
    look: () => ({
      process,
      stillMs: Math.round(timers.monotonicMs() - movedAtMs),
      hindrances: [...hindrances].map(([server, sentence]) => ({ server, sentence })),
    }),
  };
};
