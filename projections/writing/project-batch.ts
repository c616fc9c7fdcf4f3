import type { RecordedEvent } from '../../domain/event-log';
import { applyPlan, isDataError, planOf } from './apply-plan';
import { moveCheckpoint, requireMoved, type Checkpoint } from './checkpoint';
import { isolate } from './parking/isolate';
import type { LogMark } from '../reading/log-place';
import { park, type ParkedStream } from './parking/parked-streams';
import type { Partitions } from './partitions';
import type { Announce } from '../projected';
import type { Plan, Projection } from '../projection';
import { BEGIN, COMMIT, orRollback } from './transaction';
import type { WriteSession } from './write-session';

export type ProjectDeps = {
  readonly session: WriteSession;
  readonly projection: Projection;
  readonly partitions: Partitions;
  readonly announce: Announce;
};

export type Batch = {
  /** In log order; only of streams that are the projection's and not parked. */
  readonly events: readonly RecordedEvent[];
  /** The checkpoint as this projector knows it. */
  readonly from: Checkpoint;
  /** The checkpoint after the batch. */
  readonly to: LogMark;
  /** Of these events, if it was made ahead. */
  readonly plan?: Plan;
};

/**
 * Two flights: all statements, then the commit, for a batch that lacks events must not be committed.
 *
 * @throws CheckpointMoved, or what the connection throws: nothing was written, unless a commit got lost on its way back
 */
export const writePlan = async (
  { session, projection, partitions, announce }: ProjectDeps,
  plan: Plan,
  from: Checkpoint,
  to: LogMark,
): Promise<void> => {
  await partitions.ensure(plan.dueMonths);
  await orRollback(session, async () => {
    const move = moveCheckpoint(projection.name, from, to);
    const [, moved] = await applyPlan(session, plan, [BEGIN, move]);
    requireMoved(moved);
    await session.send([...announce(to.position, plan.due), COMMIT]);
  });
};

const projectInParts = async (
  { session, projection, announce }: ProjectDeps,
  { events, from, to }: Batch,
): Promise<readonly ParkedStream[]> =>
  await orRollback(session, async () => {
    const [, moved] = await session.send([BEGIN, moveCheckpoint(projection.name, from, to)]);
    requireMoved(moved);
    const { parked, due } = await isolate(session, projection, events);
    await session.send([...park(projection.name, parked), ...announce(to.position, due), COMMIT]);
    return parked;
  });

/**
 * Rows, checkpoint and announcement of a batch in one transaction. Events that cannot be applied park
 * their stream, in the same transaction, and hold up nobody else.
 *
 * @returns the streams that were parked
 * @throws CheckpointMoved, or what the connection throws: nothing was written, unless a commit got lost on its way back
 */
export const projectBatch = async (
  deps: ProjectDeps,
  batch: Batch,
): Promise<readonly ParkedStream[]> => {
  try {
    const { events, from, to, plan = planOf(deps.projection, events) } = batch;
    await writePlan(deps, plan, from, to);
    return [];
  } catch (error) {
    if (!isDataError(error)) throw error;
    return await projectInParts(deps, batch);
  }
};
