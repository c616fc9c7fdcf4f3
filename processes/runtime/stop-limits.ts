/**
 * From SIGTERM to the end, whatever the servers do. Whoever asks to stop kills after 15 s or more, and where a machine
 * has other work, a program's last steps alone have been seen to take two of them.
 */
export const STOP_WITHIN_MS = {
  /** A program that runs processes. */
  worker: 10_000,
  /** The parent of all: its children stop one after the other, then its servers. */
  supervisor: 12_000,
};

/** What the supervisor gives its children before it kills them: what runs in the edge is let end, the others have nothing long to do. */
export const CHILD_STOPS_WITHIN_MS = { edge: 9_000, core: 1_500, plan: 1_500, archive: 1_500 };
