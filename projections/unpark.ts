import type { EventLog, RecordedEvent } from '../commands/ports';
import { applyPlan, isDataError, planOf } from './apply-plan';
import { moveCheckpoint, requireMoved, type Checkpoint } from './checkpoint';
import { readParked, unpark } from './parked-streams';
import type { ProjectDeps } from './project-batch';
import { BEGIN, COMMIT, orRollback } from './transaction';

/**
 * Applies a parked stream anew, from its first event up to the checkpoint: later events come with the
 * feed. What had been applied before it was parked changes nothing.
 */
const applyAnew = async (
  { session, projection, partitions, announce }: ProjectDeps,
  stream: string,
  events: readonly RecordedEvent[],
  checkpoint: Checkpoint,
): Promise<void> => {
  const plan = planOf(projection, events);
  await partitions.ensure(plan.dueMonths);
  await orRollback(session, async () => {
    const stay = moveCheckpoint(projection.name, checkpoint, checkpoint.position);
    const [, stayed] = await applyPlan(session, plan, [BEGIN, stay]);
    requireMoved(stayed); // in other tables, events after the checkpoint may have been left out as well
    await session.send([
      unpark(projection.name, stream),
      ...announce(checkpoint.position, plan.due),
      COMMIT,
    ]);
  });
};

const isAppliedAnew = async (...args: Parameters<typeof applyAnew>): Promise<boolean> => {
  try {
    await applyAnew(...args);
    return true;
  } catch (error) {
    if (!isDataError(error)) throw error;
    return false;
  }
};

const readOrNone = async (
  log: Pick<EventLog, 'read'>,
  stream: string,
): Promise<readonly RecordedEvent[] | undefined> => {
  try {
    return await log.read(stream);
  } catch {
    return undefined;
  }
};

/**
 * Tries every parked stream again.
 *
 * @param checkpoint  the projection's, as this projector knows it
 * @returns           the streams that stay parked
 * @throws            CheckpointMoved, or an outage of Postgres. One of the log leaves all parked.
 */
export const retryParked = async (
  deps: ProjectDeps,
  log: Pick<EventLog, 'read'>,
  checkpoint: Checkpoint,
): Promise<ReadonlySet<string>> => {
  const remaining = new Set<string>();
  let isLogAway = false;
  for (const { stream } of await readParked(deps.session, deps.projection.name)) {
    // once the log is found away, asking it for each stream would only take long
    const events: readonly RecordedEvent[] | undefined = isLogAway
      ? undefined
      : await readOrNone(log, stream);
    isLogAway = events === undefined;
    const known = events?.filter(({ position }) => position <= checkpoint.position);
    const isApplied = known && (await isAppliedAnew(deps, stream, known, checkpoint));
    if (!isApplied) remaining.add(stream);
  }
  return remaining;
};
