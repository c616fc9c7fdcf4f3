import { StreamGone, type EventLog, type RecordedEvent } from '../../../domain/event-log';
import { CLOCK_SKEW_MS, hadHappened, type AsOf } from '../../../domain/audit/as-of';
import { jobAfter, jobAsOf, type LeanJob } from '../../../domain/audit/job-fold';
import { jobIdOf, jobStream } from '../../../domain/ids';
import { initial } from '../../../domain/job/state';
import type { Instant } from '../../../domain/time';
import type { After } from '../../reading/log-place';
import {
  recordedEvent,
  type LogScan,
  type ScanRange,
  type StoredBytes,
} from '../../reading/log-scan';
import { recordedAt, settledAt } from '../../reading/recorded-at';
import { forEachInParts } from './in-parts';
import type { PastSnapshots } from './past-snapshots';

/** More jobs than may be held at once: ask for fewer. */
export class TooManyJobs extends Error {
  override readonly name = 'TooManyJobs';
}

/** As `ListedJob`. */
export type LeanListedJob = { readonly jobId: string; readonly job: LeanJob };

export type FoldDeps = {
  readonly snapshots: Pick<PastSnapshots, 'before' | 'reachOf'>;
  readonly scan: LogScan;
  readonly log: Pick<EventLog, 'read'>;
  /** Of how many jobs a list may be folded. */
  readonly maxJobs: number;
};

export type FoldRequest = {
  readonly asOf: AsOf;
  /** Absent: everybody's jobs. */
  readonly ownerId?: string;
  readonly signal: AbortSignal;
  /** Told with each batch: how many events were scanned, and when the last of them was recorded. */
  readonly onProgress?: (events: number, at: Instant) => void;
};

type Folding = {
  readonly jobs: Map<string, LeanJob>;
  /** Jobs whose state is final: their next event came later than what is asked for. */
  readonly ended: Set<string>;
};

const ownerIn = (data: unknown): unknown =>
  typeof data === 'object' && data !== null && 'ownerId' in data ? data.ownerId : undefined;

/** Of a stream that was deleted for good nothing is left to fold. */
const readIfThere = async (
  log: FoldDeps['log'],
  stream: string,
): Promise<readonly RecordedEvent[]> => {
  try {
    return await log.read(stream);
  } catch (error) {
    if (error instanceof StreamGone) return [];
    throw error;
  }
};

/** The jobs as snapshots have them, and where the log goes on from there. */
const begin = async (
  { snapshots, log, maxJobs }: FoldDeps,
  { asOf, ownerId, signal }: FoldRequest,
): Promise<{ readonly after: After; readonly folding: Folding }> => {
  const folding: Folding = { jobs: new Map(), ended: new Set() };
  const block = await snapshots.before(asOf, ownerId, maxJobs + 1, signal);
  if (!block) return { after: 'start', folding };
  const { jobs, ended } = folding;
  await forEachInParts(block.jobs, signal, ([jobId, { job, newestAt }]) => {
    if (asOf.kind === 'position' || newestAt <= asOf.at) jobs.set(jobId, job);
    else ended.add(jobId);
  });
  // a clock was ahead: no snapshot is early enough, but the streams are
  for (const jobId of ended) {
    const then = jobAsOf(await readIfThere(log, jobStream(jobId)), asOf);
    if (then) jobs.set(jobId, then);
  }
  return { after: block.end, folding };
};

/** Whether all that had happened by then lies before this event. */
const isPast = (event: StoredBytes, at: Instant, asOf: AsOf): boolean =>
  asOf.kind === 'position'
    ? event.position > asOf.position
    : settledAt(event, at) > asOf.at + CLOCK_SKEW_MS;

const apply = (
  { jobs, ended }: Folding,
  stored: StoredBytes,
  at: Instant,
  request: FoldRequest,
) => {
  const { asOf, ownerId } = request;
  const jobId = jobIdOf(stored.stream);
  if (jobId === undefined || ended.has(jobId)) return;
  const before = jobs.get(jobId);
  if (!before && stored.revision !== 0n) return;
  if (!hadHappened({ at, position: stored.position }, asOf)) {
    ended.add(jobId);
    return;
  }
  const event = recordedEvent(stored);
  if (!before && ownerId !== undefined && ownerIn(event.data) !== ownerId) return;
  const job = jobAfter(before ?? initial, event);
  if (job) jobs.set(jobId, job);
};

/**
 * Takes all that may have happened by then through a fold. What lies in blocks in which everything was recorded
 * later is left out: a job whose revisions go on after a gap stays as it was.
 */
const settledBy = async (
  { snapshots }: FoldDeps,
  { asOf }: FoldRequest,
  after: After,
  through: (range: ScanRange) => Promise<boolean>,
): Promise<boolean> => {
  if (asOf.kind === 'position') return await through({ after });
  const { blocksTo, openAfter } = await snapshots.reachOf(after, asOf.at, CLOCK_SKEW_MS);
  if (blocksTo !== undefined && (await through({ after, upTo: blocksTo }))) return true;
  return openAfter === undefined || (await through({ after: openAfter }));
};

/**
 * Jobs as they stood then, without payloads and results: the newest snapshots before it, and the log from there on.
 *
 * @returns isSettled: no event that is still to come can change the answer
 * @throws TooManyJobs, or what reading the log or the snapshots throws
 */
export const foldPast = async (
  deps: FoldDeps,
  request: FoldRequest,
): Promise<{ readonly jobs: readonly LeanListedJob[]; readonly isSettled: boolean }> => {
  const { scan, maxJobs } = deps;
  const { asOf, signal, onProgress } = request;
  const { after, folding } = await begin(deps, request);
  const checkSize = (): void => {
    if (folding.jobs.size > maxJobs) throw new TooManyJobs(`more than ${maxJobs} jobs`);
  };
  checkSize();
  let events = 0;
  /** @returns whether it came to what happened later */
  const through = async (range: ScanRange): Promise<boolean> => {
    for await (const batch of scan(range, signal)) {
      let at = 0;
      for (const stored of batch) {
        at = recordedAt(stored);
        if (isPast(stored, at, asOf)) return true;
        apply(folding, stored, at, request);
      }
      checkSize();
      events += batch.length;
      onProgress?.(events, at);
    }
    return false;
  };
  const isSettled = await settledBy(deps, request, after, through);
  const jobs: LeanListedJob[] = [];
  await forEachInParts(folding.jobs, signal, ([jobId, job]) => jobs.push({ jobId, job }));
  return { jobs, isSettled };
};
