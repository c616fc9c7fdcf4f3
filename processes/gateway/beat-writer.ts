import type { Beat, ExecutorBeats } from '../../infra/postgres/executor-beats';

/** Writes beats down, those that come while a write is under way together. */
export type BeatWriter = {
  /** Resolves when the beat is written. @throws what the write threw */
  readonly write: (beat: Beat) => Promise<void>;
  /** Whether a beat was lost since the last call, or has waited for its write for `limitMs`: heard is not written. */
  readonly hasMissed: (limitMs: number) => boolean;
};

export const beatWriter = (
  beats: Pick<ExecutorBeats, 'record'>,
  monotonicMs: () => number,
): BeatWriter => {
  let next = new Map<string, Beat>();
  let underWay: Promise<void> | undefined;
  let following: Promise<void> | undefined;
  let beganAtMs = 0;
  let hasFailed = false;

  const start = (): Promise<void> => {
    const batch = [...next.values()];
    next = new Map();
    following = undefined;
    beganAtMs = monotonicMs();
    const recorded = beats
      .record(batch)
      .catch((error: unknown) => {
        hasFailed = true;
        throw error;
      })
      .finally(() => {
        if (underWay === recorded) underWay = undefined;
      });
    underWay = recorded;
    return recorded;
  };
  return {
    write: (beat) => {
      next.set(beat.executorId, beat);
      if (!underWay) return start();
      following ??= underWay.then(start, start);
      return following;
    },
    hasMissed: (limitMs) => {
      const isStuck = underWay !== undefined && monotonicMs() - beganAtMs > limitMs;
      const has = hasFailed || isStuck;
      hasFailed = false;
      return has;
    },
  };
};
