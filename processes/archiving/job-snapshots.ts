import { jobAfter } from '../../domain/audit/job-fold';
import { jobIdOf } from '../../domain/ids';
import { initial } from '../../domain/job/state';
import type { Instant, Clock } from '../../domain/time';
import {
  BlockTaken,
  type Snapshot,
  type SnapshotHead,
  type SnapshotStore,
} from '../../projections/snapshots/job-snapshots';
import { isInLog, markOf, type EventAt, type LogMark } from '../../projections/reading/log-place';
import { recordedEvent, type StoredBytes } from '../../projections/reading/log-scan';
import { recordedAt, settledAt } from '../../projections/reading/recorded-at';
import { jsonSizeBytes } from '../protocol/json-size';
import { isLogOutage } from '../runtime/log-outage';
import type { LogConsumer } from './consumer';

export type JobSnapshotsDeps = {
  readonly store: SnapshotStore;
  readonly eventAt: EventAt;
  readonly clock: Clock;
  /** A block is written once it has so many events; by default 20,000. */
  readonly blockEvents?: number;
  /** …or once its first event came so long ago and another batch comes; by default 60,000 ms. */
  readonly blockAgeMs?: number;
};

const BLOCK_EVENTS = 20_000;
/** …or stands for so many bytes: of its events, which who folds from it on has to read, and of the jobs that it holds. */
const BLOCK_BYTES = 32 * 1024 * 1024;
/** Events are taken in parts: so many may bring as many jobs from before, which may be large for what happened to them is small. */
const PART_EVENTS = 500;
const BLOCK_AGE_MS = 60_000;

/** More than one, so that what waits to be joined gets less. */
const JOINS_A_BLOCK = 2;

/** What has come since the newest block and is not written yet. */
type OpenBlock = {
  readonly previous: SnapshotHead | undefined;
  readonly openedAt: Instant;
  /** Undefined before the first event of all. */
  readonly end: LogMark | undefined;
  readonly newestAt: Instant;
  readonly oldestAt: Instant;
  readonly events: number;
  readonly bytes: number;
  /** About what `jobs` takes. */
  readonly heldBytes: number;
  readonly jobs: ReadonlyMap<string, Snapshot>;
};

/** Jobs of the batch that began before the block did. */
const unknownJobs = (
  batch: readonly StoredBytes[],
  known: ReadonlyMap<string, Snapshot>,
): readonly string[] => {
  const met = new Set<string>();
  const unknown: string[] = [];
  for (const { stream, revision } of batch) {
    const jobId = jobIdOf(stream);
    if (jobId === undefined || met.has(jobId)) continue;
    met.add(jobId);
    if (revision > 0n && !known.has(jobId)) unknown.push(jobId);
  }
  return unknown;
};

/** Postgres has no text with it: such an owner is in no read model. */
const isStorable = ({ job }: Snapshot): boolean => !job.definition.ownerId.includes('\0');

const withBatch = (
  block: OpenBlock,
  batch: readonly StoredBytes[],
  stored: ReadonlyMap<string, Snapshot>,
): OpenBlock => {
  const jobs = new Map(block.jobs);
  let { newestAt, oldestAt, bytes, heldBytes } = block;
  for (const event of batch) {
    bytes += event.data.length;
    const jobId = jobIdOf(event.stream);
    if (jobId === undefined) continue;
    const at = recordedAt(event);
    newestAt = Math.max(newestAt, settledAt(event, at));
    oldestAt = Math.min(oldestAt, at);
    const before = jobs.get(jobId) ?? stored.get(jobId);
    const job = jobAfter(before?.job ?? initial, recordedEvent(event));
    if (!job) continue;
    if (!jobs.has(jobId)) heldBytes += jsonSizeBytes(job);
    jobs.set(jobId, { job, newestAt: Math.max(before?.newestAt ?? at, at) });
  }
  const last = batch.at(-1);
  const end = last ? markOf(last) : block.end;
  const events = block.events + batch.length;
  return { ...block, jobs, newestAt, oldestAt, bytes, heldBytes, end, events };
};

/**
 * Keeps jobs as they stood at the end of each block of the log, for lists of the past. Holds a block in
 * memory until it is full: whoever begins again is given what is not written yet again.
 */
export const jobSnapshots = ({
  store,
  eventAt,
  clock,
  blockEvents = BLOCK_EVENTS,
  blockAgeMs = BLOCK_AGE_MS,
}: JobSnapshotsDeps): LogConsumer => {
  let open: OpenBlock | undefined;

  const opened = async (): Promise<OpenBlock> => {
    const previous = await store.head();
    const { end, newestAt = 0 } = previous ?? {};
    const nothing = {
      oldestAt: Number.MAX_SAFE_INTEGER,
      ...{ events: 0, bytes: 0, heldBytes: 0, jobs: new Map<string, Snapshot>() },
    };
    return { previous, openedAt: clock.now(), end, newestAt, ...nothing };
  };

  const isFull = ({ events, bytes, heldBytes, openedAt }: OpenBlock): boolean =>
    events >= blockEvents ||
    Math.max(bytes, heldBytes) >= BLOCK_BYTES ||
    clock.now() - openedAt >= blockAgeMs;

  const takePart = async (fresh: readonly StoredBytes[]): Promise<void> => {
    const block = open ?? (await opened());
    const stored = await store.newestOf(unknownJobs(fresh, block.jobs));
    const filled = withBatch(block, fresh, stored);
    open = filled;
    if (!isFull(filled)) return;
    const { previous, end, jobs, openedAt: _at, heldBytes: _held, ...rest } = filled;
    if (!end) return;
    const storable = new Map([...jobs].filter(([, snapshot]) => isStorable(snapshot)));
    await store.write({
      ...{ ...rest, end },
      previous: previous?.end.position ?? 'start',
      jobs: storable,
    });
    open = undefined;
    for (let joins = 0; joins < JOINS_A_BLOCK && (await store.thin(clock.now())); joins++);
  };

  return {
    name: 'job-snapshots',

    position: async () => {
      const head = await store.head();
      // another writer has gone on
      if (open && open.previous?.end.position !== head?.end.position) open = undefined;
      const end = open?.end ?? head?.end;
      if (!end) return 'start';
      if (await isInLog(end, eventAt)) return end;
      // of a log that was restored from an older copy nobody knows which of the blocks are still true
      open = undefined;
      await store.clear();
      return 'start';
    },

    take: async (batch) => {
      const { end } = open ?? (await opened());
      const fresh = batch.filter(({ position }) => !end || position > end.position);
      for (let at = 0; at < fresh.length; at += PART_EVENTS)
        await takePart(fresh.slice(at, at + PART_EVENTS));
    },

    serverAt: (error) => {
      if (error instanceof BlockTaken) return undefined;
      return isLogOutage(error) ? 'event-store' : 'read-model';
    },
  };
};
