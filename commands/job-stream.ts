import type { Actor, EventMetadata } from '../domain/events/metadata';
import { isKeyMark } from '../domain/events/key-mark';
import { EventTooNew } from '../domain/events/upcast';
import { decodeWholeEvent } from '../domain/job/stored-event';
import type { JobFact } from '../domain/job/events';
import { job } from '../domain/job/decide';
import type { JobState } from '../domain/job/state';
import { jobStream } from '../domain/ids';
import { StreamGone, type EventLog, type RecordedEvent } from '../domain/event-log';

export type LoadedFact = JobFact & {
  readonly id: string;
  readonly position: bigint;
  readonly metadata: EventMetadata;
};

export type LoadedJob = {
  readonly facts: readonly LoadedFact[];
  readonly state: JobState;
  /** There is no job, and never will be: another request has used up the key that it would be made with. */
  readonly isKeyTaken?: true;
};

/** The stream of a job has an event that makes no sense to anybody: nothing can be decided or told of the job. */
export class JobUnreadable extends Error {
  override readonly name: string = 'JobUnreadable';
  /** Whose job it is, if the stream says so before it becomes unreadable. */
  readonly ownerId: string | undefined;

  constructor(jobId: string, ownerId: string | undefined, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`job ${jobId} cannot be read: ${why}`, { cause });
    this.ownerId = ownerId;
  }
}

/**
 * The first events of a job, or all of them, are gone: an administrator of the event store truncated or deleted its
 * stream. What is left does not tell how the job stands, so nothing is decided on it.
 */
export class JobHistoryGone extends JobUnreadable {
  override readonly name = 'JobHistoryGone';
  /** Of the first event that is left; undefined when none is. */
  readonly firstRevision: bigint | undefined;

  constructor(jobId: string, firstRevision?: bigint) {
    const left =
      firstRevision === undefined
        ? 'its stream was deleted'
        : `it begins at revision ${firstRevision}`;
    super(jobId, undefined, new Error(`its history is gone: ${left}`));
    this.firstRevision = firstRevision;
  }
}

/** A job that was scheduled anew after its stream was deleted begins at a later revision, and is whole. */
const isWhole = ({ revision, type }: RecordedEvent): boolean =>
  revision === 0n || type === ('JobScheduled' satisfies JobFact['type']);

/** What `call` gives. @throws JobHistoryGone where the stream is gone for good */
export const unlessGone = async <T>(jobId: string, call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (error) {
    throw error instanceof StreamGone ? new JobHistoryGone(jobId) : error;
  }
};

const ownerOf = (state: JobState): string | undefined =>
  state.status === 'none' ? undefined : state.definition.ownerId;

/** What `tell` makes of a job's stream. @throws JobUnreadable when the stream is to blame, EventTooNew when this build is */
export const readably = <T>(jobId: string, state: JobState, tell: () => T): T => {
  try {
    return tell();
  } catch (cause) {
    if (cause instanceof EventTooNew) throw cause;
    throw new JobUnreadable(jobId, ownerOf(state), cause);
  }
};

const factOf = (event: RecordedEvent): LoadedFact => ({
  ...decodeWholeEvent(event),
  id: event.id,
  position: event.position,
});

/**
 * Reads and folds a job's stream; an unknown job has no facts and the status `none`.
 *
 * @throws EventLogUnavailable, EventTooNew, JobUnreadable, JobHistoryGone
 */
export const loadJob = async (log: EventLog, jobId: string): Promise<LoadedJob> => {
  const events = await unlessGone(jobId, log.read(jobStream(jobId)));
  const [first] = events;
  if (first && !isWhole(first)) throw new JobHistoryGone(jobId, first.revision);
  if (first && isKeyMark(first.type)) return { facts: [], state: job.initial, isKeyTaken: true };
  const facts: LoadedFact[] = [];
  let state = job.initial;
  for (const event of events) {
    const before = state;
    const fact = readably(jobId, before, () => factOf(event));
    state = readably(jobId, before, () => job.evolve(before, fact));
    facts.push(fact);
  }
  return { facts, state };
};

/**
 * The same for somebody who asks: of what is not theirs they do not even learn that it cannot be read. A history that
 * is gone does not say whose it was; who answers must find out before telling.
 */
export const loadJobFor = async (
  log: EventLog,
  jobId: string,
  actor: Actor,
): Promise<LoadedJob> => {
  try {
    return await loadJob(log, jobId);
  } catch (error) {
    const isForeign =
      error instanceof JobUnreadable &&
      !(error instanceof JobHistoryGone) &&
      actor.kind !== 'operator' &&
      error.ownerId !== actor.id;
    if (isForeign) return { facts: [], state: job.initial };
    throw error;
  }
};
