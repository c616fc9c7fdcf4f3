import type { Actor } from '../domain/events/metadata';
import { toTimestamp, type Timestamp } from '../domain/time';
import { loadJob } from './job-stream';
import type { EventLog } from './ports';

export type HistoryEntry = {
  readonly type: string;
  readonly data: object;
  readonly actor: Actor;
  readonly time: Timestamp;
  readonly revision: number;
  /** Commit position; a string, for JSON has no bigint. */
  readonly position: string;
};

/** A job's events as recorded; undefined for an unknown job and for one that is not the actor's. */
export type JobHistory = (
  jobId: string,
  actor: Actor,
) => Promise<readonly HistoryEntry[] | undefined>;

export const jobHistory =
  (log: EventLog): JobHistory =>
  async (jobId, actor) => {
    const { facts, state } = await loadJob(log, jobId);
    const isVisible =
      state.status !== 'none' &&
      (actor.kind === 'operator' || state.definition.ownerId === actor.id);
    if (!isVisible) return undefined;
    return facts.map(({ type, data, metadata, at, revision, position }) => ({
      type,
      data,
      actor: metadata.actor,
      time: toTimestamp(at),
      revision: Number(revision),
      position: String(position),
    }));
  };
