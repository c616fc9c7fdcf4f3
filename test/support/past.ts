import fc from 'fast-check';
import type { RecordedEvent } from '../../domain/event-log';
import type { AsOf } from '../../domain/audit/as-of';
import { decodeJobEvent } from '../../domain/job/stored-event';
import { jobIdOf } from '../../domain/ids';
import { initial, type JobState } from '../../domain/job/state';
import { evolve } from '../../domain/job/evolve';
import { viewOf, type JobView } from '../../domain/job/view';
import { jobSnapshots } from '../../processes/archiving/job-snapshots';
import { snapshotStore } from '../../projections/snapshots/job-snapshots';
import type { StoredBytes } from '../../projections/reading/log-scan';
import {
  joinLimits,
  thinSnapshots,
  type JoinLimits,
} from '../../projections/snapshots/thin-snapshots';
import { pastJobs } from '../../projections/queries/past/jobs-as-of';
import { pastSnapshots } from '../../projections/queries/past/past-snapshots';
import { eventAtOf } from './event-at';
import { recorded, testJobId } from './job-histories';
import { dispatched, EPOCH, scheduled, started, succeeded, t } from './jobs';
import type { TestReadModel } from './read-model';
import { storedBytes, storedLog } from './stored-log';

export const never = new AbortController().signal;
export const clock = { now: () => EPOCH };
const limits = { maxJobs: 1_000, keptLists: 2, keptJobs: 1_000 };

/** Lists of the past over a log in memory and the snapshots that there are of it. */
export const pastOf = (
  { db }: TestReadModel,
  events: readonly RecordedEvent[],
  stored: readonly StoredBytes[],
  more: Partial<typeof limits> = {},
) => {
  const log = storedLog(stored);
  const read = (stream: string) =>
    Promise.resolve(events.filter((event) => event.stream === stream));
  const snapshots = pastSnapshots(db);
  const past = pastJobs({ snapshots, scan: log.scan, log: { read }, ...limits, ...more });
  return { ...log, past };
};

/** Hands the log to the snapshots in batches of these sizes. */
export const archive = async (
  { db }: TestReadModel,
  stored: readonly StoredBytes[],
  sizes: readonly number[],
  blockEvents: number,
): Promise<void> => {
  const consumer = jobSnapshots({
    store: snapshotStore(db),
    eventAt: eventAtOf(() => stored),
    ...{ clock, blockEvents },
  });
  await consumer.position();
  for (let start = 0, i = 0; start < stored.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    await consumer.take(stored.slice(start, start + size));
    start += size;
  }
};

/** Joins all blocks that can be, for they are months old. */
export const thin = async (
  { db }: TestReadModel,
  limits: Partial<JoinLimits> = {},
): Promise<void> => {
  const now = EPOCH + 500 * 86_400_000;
  while (await thinSnapshots(db, now, { ...joinLimits, ...limits }));
};

/** The same question answered by hand: each stream up to its first event that had not happened. */
export const byHand = (
  events: readonly RecordedEvent[],
  asOf: AsOf,
  ownerId?: string,
): readonly JobView[] => {
  const states = new Map<string, JobState>();
  const ended = new Set<string>();
  for (const event of events) {
    const fact = decodeJobEvent(event);
    const jobId = jobIdOf(event.stream) ?? '';
    const happened = asOf.kind === 'time' ? fact.at <= asOf.at : event.position <= asOf.position;
    if (!happened) ended.add(jobId);
    if (!ended.has(jobId)) states.set(jobId, evolve(states.get(jobId) ?? initial, fact));
  }
  return [...states]
    .flatMap(([jobId, state]) => (state.status === 'none' ? [] : [viewOf(jobId, state)]))
    .filter((view) => ownerId === undefined || view.ownerId === ownerId)
    .map(({ payload: _payload, ...view }) => view)
    .sort((a, b) =>
      a.dueAt === b.dueAt ? (a.jobId < b.jobId ? 1 : -1) : a.dueAt < b.dueAt ? 1 : -1,
    );
};

export const batchSizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });

/**
 * The server stores a second a choice; what tests record runs ahead of that, by hours at times, as clocks that are wrong do.
 *
 * @param behindMs  …and behind it, by so much at most
 */
export const storedAll = (events: readonly RecordedEvent[], behindMs = 0): readonly StoredBytes[] =>
  events.map((event, index) => storedBytes(event, EPOCH + index * 1_000 + behindMs));

/** Twelve jobs of two owners, each scheduled, half of them run; a position for each event. */
export const someJobs = (): readonly RecordedEvent[] => {
  let position = 0n;
  return Array.from({ length: 12 }, (_, n) => n).flatMap((n) => {
    const ownerId = n % 3 === 0 ? 'bob' : 'ada';
    const life = [
      scheduled({ ownerId }),
      ...(n % 2 === 0 ? [dispatched(), started(), succeeded] : []),
    ];
    return life.map((event, revision) =>
      recorded(testJobId(n), BigInt(revision), (position += 10n), event, t(n * 5 + revision)),
    );
  });
};

export const storedInTime = (events: readonly RecordedEvent[]): readonly StoredBytes[] =>
  events.map((event) => storedBytes(event, decodeJobEvent(event).at + 1));
