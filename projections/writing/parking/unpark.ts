import { EventLogUnavailable, type EventLog, type RecordedEvent } from '../../../domain/event-log';
import { applyPlan, isDataError, planOf } from '../apply-plan';
import { moveCheckpoint, requireMoved, type Checkpoint } from '../checkpoint';
import { unpark } from './parked-streams';
import type { ProjectDeps } from '../project-batch';
import type { Projection } from '../../projection';
import { BEGIN, COMMIT, orRollback } from '../transaction';

/** A parked stream as the log has it, whole. */
export type WholeStream = { readonly stream: string; readonly events: readonly RecordedEvent[] };

const isReadable = (projection: Projection, events: readonly RecordedEvent[]): boolean => {
  try {
    planOf(projection, events);
    return true;
  } catch {
    return false;
  }
};

/**
 * Reads a parked stream, and looks whether statements can be made of it: all that can be found out without the
 * database. Undefined when it still cannot be applied.
 *
 * @throws EventLogUnavailable
 */
export const readParkedStream = async (
  log: Pick<EventLog, 'read'>,
  projection: Projection,
  stream: string,
): Promise<WholeStream | undefined> => {
  try {
    const events = await log.read(stream);
    return isReadable(projection, events) ? { stream, events } : undefined;
  } catch (error) {
    if (error instanceof EventLogUnavailable) throw error;
    return undefined; // not even the log can read it
  }
};

const inLogOrder = (streams: readonly WholeStream[]): readonly RecordedEvent[] =>
  streams
    .flatMap(({ events }) => events)
    .sort((a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0));

/**
 * Applies parked streams again, from their first events up to the checkpoint: later events come with the feed.
 * What had been applied before they were parked changes nothing.
 */
const applyAgain = async (
  { session, projection, partitions, announce }: ProjectDeps,
  streams: readonly WholeStream[],
  checkpoint: Checkpoint,
): Promise<void> => {
  const plan = planOf(
    projection,
    inLogOrder(streams).filter(({ position }) => position <= checkpoint.position),
  );
  await partitions.ensure(plan.partitions);
  await orRollback(session, async () => {
    const stay = moveCheckpoint(projection.name, checkpoint, checkpoint);
    const [, stayed] = await applyPlan(session, plan, [BEGIN, stay]);
    requireMoved(stayed); // in other tables, events after the checkpoint may have been left out as well
    const back = streams.map(({ stream }) => stream);
    await session.send([
      unpark(projection.name, back),
      ...(projection.broughtBack?.(back) ?? []),
      ...announce(checkpoint.position, plan.notice),
      COMMIT,
    ]);
  });
};

/**
 * Brings parked streams back, those together that can be. Done in the writer's turn, so that the checkpoint
 * stays where it is.
 *
 * @returns  the streams that are parked no more
 * @throws   CheckpointMoved, or an outage of Postgres
 */
export const unparkStreams = async (
  deps: ProjectDeps,
  streams: readonly WholeStream[],
  checkpoint: Checkpoint,
): Promise<readonly string[]> => {
  if (streams.length === 0) return [];
  try {
    await applyAgain(deps, streams, checkpoint);
    return streams.map(({ stream }) => stream);
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (streams.length === 1) return [];
  }
  const back: string[] = [];
  for (const one of streams) back.push(...(await unparkStreams(deps, [one], checkpoint)));
  return back;
};
