import type { JobEventType } from '../job/events';
import { traceStatuses, type JobTrace, type TraceStatus } from './job-trace';

/** The traces of many jobs in arrays of numbers, which cost a tenth of what objects do and no garbage collection. */
export type TraceTable = {
  readonly size: () => number;
  /** The row of a stream; undefined for one that is not there. */
  readonly rowOf: (stream: string) => number | undefined;
  /** Makes an empty row. @returns its number */
  readonly add: (stream: string) => number;
  readonly load: (row: number, into: JobTrace) => void;
  readonly save: (row: number, from: Readonly<JobTrace>) => void;
  /** All streams with their rows. */
  readonly streams: () => Iterable<readonly [stream: string, row: number]>;
};

const PAGE_ROWS = 16_384;
const WIDTH = 14;
const COUNTS = 7;

type Page = { readonly floats: Float64Array; readonly counts: Int32Array };

/** A Map holds 16.7 million keys, so there are several. */
const MAPS = 16;
const mapOf = (stream: string): number => stream.charCodeAt(stream.length - 1) % MAPS;

const statusCodes = new Map<TraceStatus, number>(
  traceStatuses.map((status, code) => [status, code]),
);

const eventTypes: readonly (JobEventType | '')[] = [
  ...(['', 'JobScheduled', 'JobRescheduled', 'JobCancelled', 'JobDispatched'] as const),
  ...(['JobRedispatched', 'JobStarted', 'JobSucceeded', 'JobAttemptFailed', 'JobFailed'] as const),
  ...(['JobExpired', 'JobRedriven', 'JobAbortRequested', 'JobAborted'] as const),
];
const typeCodes = new Map<string, number>(eventTypes.map((type, code) => [type, code]));

const ABORT = 0x100;
const HEADLESS = 0x200;

const loadFloats = (floats: Float64Array, at: number, job: JobTrace): void => {
  const of = (n: number): number => floats[at + n] ?? Number.NaN;
  job.revision = of(0);
  job.position = of(1);
  job.dueAt = of(2);
  job.scheduledAt = of(3);
  job.dispatchedAt = of(4);
  job.sentAt = of(5);
  job.startedAt = of(6);
  job.finishedAt = of(7);
  job.timeoutMs = of(8);
  job.maxLatenessMs = of(9);
  job.definition = of(10);
  job.executor = of(11);
  job.result = of(12);
  job.error = of(13);
};

const saveFloats = (floats: Float64Array, at: number, job: Readonly<JobTrace>): void => {
  floats[at] = job.revision;
  floats[at + 1] = job.position;
  floats[at + 2] = job.dueAt;
  floats[at + 3] = job.scheduledAt;
  floats[at + 4] = job.dispatchedAt;
  floats[at + 5] = job.sentAt;
  floats[at + 6] = job.startedAt;
  floats[at + 7] = job.finishedAt;
  floats[at + 8] = job.timeoutMs;
  floats[at + 9] = job.maxLatenessMs;
  floats[at + 10] = job.definition;
  floats[at + 11] = job.executor;
  floats[at + 12] = job.result;
  floats[at + 13] = job.error;
};

const loadCounts = (counts: Int32Array, at: number, job: JobTrace): void => {
  const of = (n: number): number => counts[at + n] ?? 0;
  job.attempt = of(0);
  job.maxAttempts = of(1);
  job.startedAttempt = of(2);
  job.delivery = of(3);
  job.account = of(4) - 1;
  job.status = traceStatuses[of(5) & 0xff] ?? 'none';
  job.isAbortRequested = (of(5) & ABORT) !== 0;
  job.isHeadless = (of(5) & HEADLESS) !== 0;
  job.lastType = eventTypes[of(6)] ?? '';
};

const saveCounts = (counts: Int32Array, at: number, job: Readonly<JobTrace>): void => {
  counts[at] = job.attempt;
  counts[at + 1] = job.maxAttempts;
  counts[at + 2] = job.startedAttempt;
  counts[at + 3] = job.delivery;
  counts[at + 4] = job.account + 1;
  counts[at + 5] =
    (statusCodes.get(job.status) ?? 0) |
    (job.isAbortRequested ? ABORT : 0) |
    (job.isHeadless ? HEADLESS : 0);
  counts[at + 6] = typeCodes.get(job.lastType) ?? 0;
};

export const traceTable = (): TraceTable => {
  const maps = Array.from({ length: MAPS }, () => new Map<string, number>());
  const pages: Page[] = [];
  let size = 0;

  const pageOf = (row: number): Page => {
    const page = pages[Math.floor(row / PAGE_ROWS)];
    if (!page) throw new RangeError(`there is no row ${row}`);
    return page;
  };
  return {
    size: () => size,
    rowOf: (stream) => maps[mapOf(stream)]?.get(stream),
    add: (stream) => {
      if (size === pages.length * PAGE_ROWS)
        pages.push({
          floats: new Float64Array(PAGE_ROWS * WIDTH),
          counts: new Int32Array(PAGE_ROWS * COUNTS),
        });
      maps[mapOf(stream)]?.set(stream, size);
      size += 1;
      return size - 1;
    },
    load: (row, into) => {
      const { floats, counts } = pageOf(row);
      const at = row % PAGE_ROWS;
      loadFloats(floats, at * WIDTH, into);
      loadCounts(counts, at * COUNTS, into);
    },
    save: (row, from) => {
      const { floats, counts } = pageOf(row);
      const at = row % PAGE_ROWS;
      saveFloats(floats, at * WIDTH, from);
      saveCounts(counts, at * COUNTS, from);
    },
    streams: function* all() {
      for (const map of maps) yield* map;
    },
  };
};
