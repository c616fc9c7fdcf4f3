import type { EventLog, RecordedEvent } from '../commands/ports';
import { applyPlan, isDataError, planOf } from './apply-plan';
import { readParked, unpark } from './parked-streams';
import type { ProjectDeps } from './project-batch';
import { notifyProjected } from './projected';
import { BEGIN, COMMIT, orRollback } from './transaction';

/**
 * Applies a parked stream anew, from its first event up to the checkpoint: later events come with the
 * feed. What had been applied before it was parked changes nothing.
 */
const applyAnew = async (
  { session, projection, partitions }: ProjectDeps,
  stream: string,
  events: readonly RecordedEvent[],
  checkpoint: bigint,
): Promise<void> => {
  const plan = planOf(projection, events);
  await partitions.ensure(plan.dueMonths);
  await orRollback(session, async () => {
    await applyPlan(session, plan, [BEGIN]);
    await session.send([
      unpark(projection.name, stream),
      notifyProjected(checkpoint, plan.due),
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
 * @param checkpoint  the projection's, which nobody moves meanwhile
 * @returns           the streams that stay parked
 * @throws            what does not blame the data: an outage of Postgres. One of the log leaves all parked.
 */
export const retryParked = async (
  deps: ProjectDeps,
  log: Pick<EventLog, 'read'>,
  checkpoint: bigint,
): Promise<ReadonlySet<string>> => {
  const remaining = new Set<string>();
  let isLogAway = false;
  for (const { stream } of await readParked(deps.session, deps.projection.name)) {
    // once the log is found away, asking it for each stream would only take long
    const events: readonly RecordedEvent[] | undefined = isLogAway
      ? undefined
      : await readOrNone(log, stream);
    isLogAway = events === undefined;
    const known = events?.filter(({ position }) => position <= checkpoint);
    const isApplied = known && (await isAppliedAnew(deps, stream, known, checkpoint));
    if (!isApplied) remaining.add(stream);
  }
  return remaining;
};
