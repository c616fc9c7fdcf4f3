import { isKeyMark } from '../../domain/events/key-mark';
import { isTombstone, jobIdOf } from '../../domain/ids';
import type { Instant } from '../../domain/time';
import { isDataError, planOf } from '../writing/apply-plan';
import { afterCheckpoint, readCheckpoint } from '../writing/checkpoint';
import { changeFold } from '../jobs/job-change';
import { markOf, type LogMark } from '../reading/log-place';
import { recordedEvent, type StoredBytes } from '../reading/log-scan';
import { errorText, park, readParked, type ParkedStream } from '../writing/parking/parked-streams';
import { duePartitions } from '../writing/partitions';
import { storedPlacedFact } from '../jobs/placed-fact';
import { writePlan } from '../writing/project-batch';
import { announceNothing } from '../projected';
import { projectionWriter } from '../writing/projection-writer';
import { advance, BATCH_BYTES, refuseNewer } from './advance';
import { bulkPlan, bulkProjection } from './bulk';
import { projection, type Running } from './running';

/**
 * Fewer transactions and fuller statements. A job's events are folded as they come, so what a transaction holds
 * is a change for each job; more of them would outlive the young generation.
 */
const BULK_EVENTS = 5_000;
/** A batch that has been open for so long is written: a scan at a pace gives Postgres little at once. */
const OPEN_MS = 150;

/** The history up to where there is no going on: undefined at the end of the log. */
type Stuck = LogMark | undefined;

type History = Running & {
  /** Older status changes are left out. */
  readonly feedSince: Instant;
  /** Told after each transaction: how many events of the log it took, and up to where. */
  readonly onWritten: (events: number, position: bigint) => void;
};

/** What has been folded since the last transaction. */
const newBatch = (feedSince: Instant, openedAt: Instant) => ({
  fold: changeFold(feedSince),
  parked: [] as ParkedStream[],
  last: undefined as StoredBytes | undefined,
  ...{ events: 0, bytes: 0, openedAt },
});

/**
 * Folds a batch while Postgres writes the one before. Streams with an event that cannot be read are parked on the
 * way; where the database refuses a batch, it ends.
 *
 * @returns the position of the batch that it is stuck at; all before it is written
 * @throws RangeError  for an event of a newer build
 */
const writeQuickly = async (history: History): Promise<Stuck> => {
  const { session, scan, signal, now, feedSince, onWritten, bulkEvents = BULK_EVENTS } = history;
  const deps = {
    ...{ session, announce: announceNothing, partitions: duePartitions(session) },
    projection: bulkProjection(feedSince),
  };
  const parked = new Set((await readParked(session, projection)).map(({ stream }) => stream));
  let from = await readCheckpoint(session, projection);
  let batch = newBatch(feedSince, now());
  let underWay: Promise<Stuck> = Promise.resolve(undefined);

  const take = (stored: StoredBytes): void => {
    batch.events += 1;
    batch.bytes += stored.data.length;
    const { stream, revision, position, type } = stored;
    const jobId = jobIdOf(stream);
    if (jobId === undefined || parked.has(stream) || isKeyMark(type) || isTombstone(type)) return;
    // not beyond the last event of its own: the live projector, which is told of no others, does not come there
    batch.last = stored;
    try {
      batch.fold.add(jobId, storedPlacedFact(stored));
    } catch (error) {
      refuseNewer(recordedEvent(stored));
      batch.parked.push({ stream, revision, position, error: errorText(error) });
      parked.add(stream);
    }
  };

  const send = async (taken: typeof batch, upTo: LogMark): Promise<Stuck> => {
    try {
      const plan = planOf({ plan: () => bulkPlan(taken.fold.changes()) }, []);
      const statements = [...plan.statements, ...park(projection, taken.parked)];
      await writePlan(deps, { ...plan, statements }, from, upTo);
    } catch (error) {
      if (isDataError(error)) return upTo;
      throw error;
    }
    from = { ...upTo, generation: from.generation };
    onWritten(taken.events, upTo.position);
    return undefined;
  };

  /** Resolves when the batch before is written: Postgres has work while the next one is folded. */
  const write = async (): Promise<Stuck> => {
    const before = underWay;
    const taken = batch;
    batch = newBatch(feedSince, now());
    const { last } = taken;
    if (!last) return await before;
    underWay = before.then((stuck) => stuck ?? send(taken, markOf(last)));
    underWay.catch(() => undefined); // awaited with the next batch, or at the end
    return await before;
  };

  const scanAll = async (): Promise<Stuck> => {
    for await (const part of scan({ after: afterCheckpoint(from) }, signal)) {
      part.forEach(take);
      const isFull = batch.events >= bulkEvents || batch.bytes >= BATCH_BYTES;
      const isDue = isFull || now() - batch.openedAt >= OPEN_MS;
      const stuck = isDue ? await write() : undefined;
      if (stuck !== undefined) return stuck;
    }
    await write();
    return await underWay;
  };
  try {
    return await scanAll();
  } finally {
    await underWay.catch(() => undefined); // what was sent is kept, whatever came after it
  }
};

/** As a projector does: finds the events that cannot be applied, and parks their streams. */
const writeCarefully = async (history: History, upTo: LogMark): Promise<void> => {
  const { session, feedSince, onWritten, bulkEvents = BULK_EVENTS } = history;
  const careful = bulkProjection(feedSince);
  const writer = await projectionWriter(session, careful, announceNothing);
  let written = 0;
  const onProgress = (events: number, position: bigint): void => {
    onWritten(events - written, position);
    written = events;
  };
  await advance({ ...history, projection: careful, onProgress }, writer, bulkEvents, upTo);
};

/**
 * Writes the log into the tables of a shadow that is in its bulk phase, from its checkpoint to where the log ends.
 * Streams with events that cannot be applied are parked, as a projector does.
 *
 * @throws RangeError  for an event of a newer build
 */
export const writeHistory = async (history: History): Promise<void> => {
  for (;;) {
    const stuck = await writeQuickly(history);
    if (stuck === undefined) return;
    await writeCarefully(history, stuck);
  }
};
