import type { RecordedEvent } from '../../../domain/event-log';
import { applyPlan, EventsMissing, isDataError, planOf } from '../apply-plan';
import { groupBy } from '../grouping';
import { errorText, type ParkedStream } from './parked-streams';
import { createPartitions } from '../partitions';
import { probeStreams } from './probe-streams';
import { mergeDue } from '../../projected';
import type { DueNotice, Projection } from '../../projection';
import { KEEP_PART, ROLL_BACK_PART, SAVE_PART } from '../transaction';
import { sendOne, type WriteSession } from '../write-session';

export type Isolated = {
  readonly parked: readonly ParkedStream[];
  readonly due: DueNotice | undefined;
};

const NOTHING: Isolated = { parked: [], due: undefined };

const merge = (a: Isolated, b: Isolated): Isolated => ({
  parked: [...a.parked, ...b.parked],
  due: mergeDue(a.due, b.due),
});

/** Of so few streams each is tried by itself: halving them would take more turns. */
const FEW_STREAMS = 64;

const applyTogether = async (
  session: WriteSession,
  projection: Projection,
  events: readonly RecordedEvent[],
): Promise<DueNotice | undefined> => {
  const plan = planOf(projection, events);
  await sendOne(session, SAVE_PART);
  try {
    await createPartitions(session, plan.dueMonths);
    await applyPlan(session, plan);
  } catch (error) {
    await session.send(ROLL_BACK_PART);
    throw error;
  }
  await sendOne(session, KEEP_PART);
  return plan.due;
};

const parkAt = ({ stream, revision, position }: RecordedEvent, error: unknown): ParkedStream => ({
  stream,
  revision,
  position,
  error: errorText(error),
});

const byStream = (events: readonly RecordedEvent[]) => groupBy(events, ({ stream }) => stream);

const firstUnreadable = (
  projection: Projection,
  events: readonly RecordedEvent[],
): ParkedStream | undefined => {
  for (const event of events)
    try {
      planOf(projection, [event]);
    } catch (error) {
      return parkAt(event, error);
    }
  return undefined;
};

/** The first event of each stream of which no statement can be made: found without the database, however many there are. */
const unreadableIn = (
  projection: Projection,
  events: readonly RecordedEvent[],
): readonly ParkedStream[] => {
  try {
    planOf(projection, events);
    return [];
  } catch {
    return [...byStream(events).values()].flatMap((own) => firstUnreadable(projection, own) ?? []);
  }
};

const before = (
  events: readonly RecordedEvent[],
  parked: readonly ParkedStream[],
): readonly RecordedEvent[] => {
  const ends = new Map(parked.map(({ stream, position }) => [stream, position]));
  return events.filter(({ stream, position }) => position < (ends.get(stream) ?? position + 1n));
};

/** Two halves: of the streams, or of the events when there is one stream only. */
const halves = (
  events: readonly RecordedEvent[],
): readonly [readonly RecordedEvent[], readonly RecordedEvent[]] => {
  const streams = [...byStream(events).values()];
  const parts = streams.length === 1 ? events.map((event) => [event]) : streams;
  const middle = Math.ceil(parts.length / 2);
  return [parts.slice(0, middle).flat(), parts.slice(middle).flat()];
};

/** Parks each stream that lacks events at its first event here, and goes on without them. */
const withoutGaps = async (
  session: WriteSession,
  projection: Projection,
  events: readonly RecordedEvent[],
  error: EventsMissing,
): Promise<Isolated> => {
  const incomplete = [...byStream(events)].filter(([stream]) => error.streams.has(stream));
  const parked = incomplete.flatMap(([stream, [first]]) =>
    first ? [parkAt(first, new EventsMissing(new Set([stream])))] : [],
  );
  const rest = await isolateReadable(session, projection, before(events, parked));
  return merge({ parked, due: undefined }, rest);
};

/** Tries each stream by itself, all in one flight, and writes those together that can be written. */
const oneByOne = async (
  session: WriteSession,
  projection: Projection,
  streams: readonly (readonly RecordedEvent[])[],
): Promise<Isolated> => {
  const errors = await probeStreams(session, projection, streams);
  const good = streams.filter((_, index) => errors[index] === undefined);
  let found = await isolateReadable(session, projection, good.flat());
  for (const [index, events] of streams.entries()) {
    const [first, second] = events;
    const error = errors[index];
    if (error === undefined || !first) continue;
    found = merge(
      found,
      second
        ? await isolateReadable(session, projection, events)
        : { parked: [parkAt(first, error)], due: undefined },
    );
  }
  return found;
};

const isolateReadable = async (
  session: WriteSession,
  projection: Projection,
  events: readonly RecordedEvent[],
): Promise<Isolated> => {
  const [first] = events;
  if (!first) return NOTHING;
  try {
    return { parked: [], due: await applyTogether(session, projection, events) };
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (error instanceof EventsMissing)
      return await withoutGaps(session, projection, events, error);
    if (events.length === 1) return { parked: [parkAt(first, error)], due: undefined };
  }
  const streams = [...byStream(events).values()];
  if (streams.length > 1 && streams.length <= FEW_STREAMS)
    return await oneByOne(session, projection, streams);
  const [head, rest] = halves(events);
  const found = await isolateReadable(session, projection, head);
  return merge(found, await isolateReadable(session, projection, before(rest, found.parked)));
};

/**
 * Applies what can be applied and finds the first event of each stream that cannot. What comes after such an
 * event in its stream is left out. Runs inside the caller's transaction.
 *
 * However many streams fail together, the others wait little: what cannot be read costs no turn of the database,
 * gaps cost one for all, and values that only the database refuses one for each few dozen.
 *
 * @throws what does not blame the data: an outage
 */
export const isolate = async (
  session: WriteSession,
  projection: Projection,
  events: readonly RecordedEvent[],
): Promise<Isolated> => {
  const unreadable = unreadableIn(projection, events);
  const rest = await isolateReadable(session, projection, before(events, unreadable));
  const earlier = new Set(rest.parked.map(({ stream }) => stream)); // by an event before the unreadable one
  return merge(
    { parked: unreadable.filter(({ stream }) => !earlier.has(stream)), due: undefined },
    rest,
  );
};
