import type { HeldRun } from '../../projections/queries/rescuing/executor-runs';
import type { Rounds } from './rounds';

export type LostGrants = {
  /**
   * Takes what runs on an executor by the read model and is not named in its beat.
   *
   * @param heardAt  the last round trip that had ended when the beat came
   * @returns those that the executor cannot know of: the grant was there before the beat was sent
   */
  readonly notNamed: (
    executorId: string,
    runs: readonly HeldRun[],
    heardAt: number,
  ) => readonly HeldRun[];
};

/** Executors that died meanwhile are among them; one that is forgotten is only noticed later. */
const REMEMBERED_EXECUTORS = 1_000;

const keyOf = ({ jobId, attempt, startedAt }: HeldRun): string =>
  `${jobId}/${attempt}/${startedAt}`;

/**
 * A grant is younger than the beat that does not name it, or its executor has never learned of it. No clock
 * says which: a run that was seen here, then a round trip to the broker, then a beat without it, is the second.
 */
export const lostGrants = ({ latest }: Pick<Rounds, 'latest'>): LostGrants => {
  /** By executor: the last round trip that had begun when a run was first seen and not named. */
  const seen = new Map<string, ReadonlyMap<string, number>>();
  return {
    notNamed: (executorId, runs, heardAt) => {
      const before = seen.get(executorId);
      const lost = runs.filter((run) => {
        const seenAt = before?.get(keyOf(run));
        return seenAt !== undefined && heardAt > seenAt;
      });
      seen.delete(executorId);
      const [oldest] = seen.keys();
      if (oldest !== undefined && seen.size >= REMEMBERED_EXECUTORS) seen.delete(oldest);
      if (runs.length > 0)
        seen.set(
          executorId,
          new Map(runs.map((run) => [keyOf(run), before?.get(keyOf(run)) ?? latest()])),
        );
      return lost;
    },
  };
};
