import type { RecordedEvent } from '../commands/ports';
import { applyPlan, isDataError, planOf } from './apply-plan';
import { groupBy } from './grouping';
import { errorText, type ParkedStream } from './parked-streams';
import { createPartitions } from './partitions';
import { mergeDue } from './projected';
import type { DueNotice, Plan, Projection } from './projection';
import { sendOne, type WriteSession } from './write-session';

export type Isolated = {
  readonly parked: readonly ParkedStream[];
  readonly due: DueNotice | undefined;
};

const NOTHING: Isolated = { parked: [], due: undefined };

const merge = (a: Isolated, b: Isolated): Isolated => ({
  parked: [...a.parked, ...b.parked],
  due: mergeDue(a.due, b.due),
});

const inSavepoint = async (session: WriteSession, work: () => Promise<void>): Promise<void> => {
  await sendOne(session, { text: 'savepoint part' });
  try {
    await work();
  } catch (error) {
    await session.send([
      { text: 'rollback to savepoint part' },
      { text: 'release savepoint part' },
    ]);
    throw error;
  }
  await sendOne(session, { text: 'release savepoint part' });
};

const applyTogether = async (
  session: WriteSession,
  projection: Projection,
  events: readonly RecordedEvent[],
): Promise<Plan> => {
  const plan = planOf(projection, events);
  await inSavepoint(session, async () => {
    await createPartitions(session, plan.dueMonths);
    await applyPlan(session, plan);
  });
  return plan;
};

const parkAt = ({ stream, revision, position }: RecordedEvent, error: unknown): ParkedStream => ({
  stream,
  revision,
  position,
  error: errorText(error),
});

/** Two halves: of the streams, or of the events when there is one stream only. */
const halves = (
  events: readonly RecordedEvent[],
): readonly [readonly RecordedEvent[], readonly RecordedEvent[]] => {
  const streams = [...groupBy(events, ({ stream }) => stream).values()];
  if (streams.length === 1) {
    const middle = Math.ceil(events.length / 2);
    return [events.slice(0, middle), events.slice(middle)];
  }
  const middle = Math.ceil(streams.length / 2);
  return [streams.slice(0, middle).flat(), streams.slice(middle).flat()];
};

/**
 * Applies what can be applied and finds, by halving, the first event of each stream that cannot.
 * What comes after such an event in its stream is left out. Runs inside the caller's transaction.
 *
 * @throws what does not blame the data: an outage
 */
export const isolate = async (
  session: WriteSession,
  projection: Projection,
  events: readonly RecordedEvent[],
): Promise<Isolated> => {
  const [first] = events;
  if (!first) return NOTHING;
  try {
    const { due } = await applyTogether(session, projection, events);
    return { parked: [], due };
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (events.length === 1) return { parked: [parkAt(first, error)], due: undefined };
  }
  const [head, rest] = halves(events);
  const before = await isolate(session, projection, head);
  const parkedStreams = new Set(before.parked.map(({ stream }) => stream));
  const after = rest.filter(({ stream }) => !parkedStreams.has(stream));
  return merge(before, await isolate(session, projection, after));
};
