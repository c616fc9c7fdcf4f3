import { isKeyMark } from '../../domain/events/key-mark';
import { jobIdOf } from '../../domain/ids';
import type { Instant } from '../../domain/time';
import { isDataError } from '../apply-plan';
import { NOTHING_APPLIED, readCheckpoint } from '../checkpoint';
import { changeFold } from '../job-change';
import type { StoredBytes } from '../log-scan';
import { readParked } from '../parked-streams';
import { duePartitions } from '../partitions';
import { storedPlacedFact } from '../placed-fact';
import { writePlan } from '../project-batch';
import { announceNothing } from '../projected';
import { projectionWriter } from '../projection-writer';
import { advance } from './advance';
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
type Stuck = bigint | undefined;

type History = Running & {
  /** Older status changes are left out. */
  readonly feedSince: Instant;
  /** Told after each transaction: how many events of the log it took, and up to where. */
  readonly onWritten: (events: number, position: bigint) => void;
};

/** What has been folded since the last transaction. */
const newBatch = (feedSince: Instant, openedAt: Instant) => ({
  ...{ fold: changeFold(feedSince), events: 0, position: NOTHING_APPLIED, openedAt },
});

/**
 * Folds a batch while Postgres writes the one before. It cannot park streams: at an event that cannot be applied
 * it ends.
 *
 * @returns the position of the batch, or of the event, that it is stuck at; all before that batch is written
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

  /** @returns whether it could be read */
  const take = (stored: StoredBytes): boolean => {
    batch.events += 1;
    const jobId = jobIdOf(stored.stream);
    if (jobId === undefined || parked.has(stored.stream) || isKeyMark(stored.type)) return true;
    try {
      batch.fold.add(jobId, storedPlacedFact(stored));
    } catch {
      return false; // who goes on from here says why
    }
    // not beyond the last event of its own: the live projector, which is told of no others, does not come there
    batch.position = stored.position;
    return true;
  };

  /** Resolves when the batch before is written: Postgres has work while the next one is folded. */
  const write = async (): Promise<Stuck> => {
    const before = underWay;
    const { fold, events, position } = batch;
    batch = newBatch(feedSince, now());
    if (position === NOTHING_APPLIED) return await before;
    const plan = bulkPlan(fold.changes());
    underWay = before.then(async (stuck) => {
      if (stuck !== undefined) return stuck;
      try {
        await writePlan(deps, plan, from, position);
      } catch (error) {
        if (isDataError(error)) return position;
        throw error;
      }
      from = { ...from, position };
      onWritten(events, position);
      return undefined;
    });
    underWay.catch(() => undefined); // awaited with the next batch, or at the end
    return await before;
  };

  const scanAll = async (): Promise<Stuck> => {
    const after = from.position === NOTHING_APPLIED ? 'start' : from.position;
    for await (const part of scan({ after }, signal)) {
      const unreadable = part.find((stored) => !take(stored));
      if (unreadable) return (await underWay) ?? unreadable.position;
      const isDue = batch.events >= bulkEvents || now() - batch.openedAt >= OPEN_MS;
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
const writeCarefully = async (history: History, upTo: bigint): Promise<void> => {
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
