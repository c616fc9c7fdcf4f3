import { jobEventTypes } from '../job/events';
import { emptyTrace, traceStatuses, type JobTrace, type TraceStatus } from './job-trace';
import type { TraceLayout } from './trace-table';

const statusCodes = new Map<TraceStatus, number>(
  traceStatuses.map((status, code) => [status, code]),
);

/** Code 0 is no event, or one that could not be read. */
const lastTypes: readonly string[] = ['', ...jobEventTypes];
const typeCodes = new Map(lastTypes.map((type, code) => [type, code]));

const ABORT = 0x100;
const HEADLESS = 0x200;

// Fields are written out, for there are millions of events: a loop over their names takes ten times as long.

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
  job.origin = of(14);
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
  floats[at + 14] = job.origin;
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
  job.lastType = lastTypes[of(6)] ?? '';
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

export const jobLayout: TraceLayout<JobTrace> = {
  empty: emptyTrace,
  floats: 15,
  counts: 7,
  loadFloats,
  loadCounts,
  saveFloats,
  saveCounts,
};
