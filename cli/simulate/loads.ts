import { decodeJobEvent } from '../../domain/job/stored-event';
import { isKeyMark } from '../../domain/events/key-mark';
import { jobIdOf } from '../../domain/ids';
import {
  loadOf,
  synthesisPatterns,
  synthesize,
  type Durations,
  type Load,
} from '../../domain/simulation/load';
import { recordedLoad } from '../../domain/simulation/recorded-load';
import type { Instant } from '../../domain/time';
import { recordedEvent, type LogScan } from '../../projections/reading/log-scan';
import type { DueTimes } from '../../projections/queries/due-times';
import { durationMsFrom, wholeFrom } from '../flag-values';
import type { Report } from '../report';
import { UsageError } from '../verb';
import { pairsFrom } from './settings';

/** By due time; `to` is exclusive. */
export type Window = { readonly from: Instant; readonly to: Instant };

const isIn =
  ({ from, to }: Window) =>
  (at: Instant): boolean =>
    at >= from && at < to;

/** Where the virtual clock of a synthetic load begins. */
const SYNTHETIC_START = Date.UTC(2030, 0, 1);

/** More than a year's average of ten million users a day would take more memory than it tells. */
const MOST_JOBS = 20_000_000;

/** @throws UsageError */
export const syntheticLoad = (text: string, durations: Durations, seed: number): Load => {
  const names = ['jobs', 'over', 'pattern', 'durationMs'] as const;
  const {
    jobs = '100000',
    over = '1h',
    pattern = 'uniform',
    durationMs,
  } = pairsFrom('synthetic', text, names);
  const known = synthesisPatterns.find((one) => one === pattern);
  if (!known) throw new UsageError(`pattern ${pattern} is none of ${synthesisPatterns.join(', ')}`);
  const count = wholeFrom('synthetic jobs', jobs);
  if (count > MOST_JOBS) throw new UsageError(`jobs ${count} is more than ${MOST_JOBS}`);
  const meanMs = durationMs === undefined ? durations.meanMs : wholeFrom('durationMs', durationMs);
  const overMs = Math.max(1, durationMsFrom('synthetic over', over));
  const its = { ...durations, meanMs };
  return synthesize(
    { jobs: count, from: SYNTHETIC_START, overMs, pattern: known, durations: its },
    seed,
  );
};

/** What the log says that ran. @throws EventTooNew, or an Error that names the event that cannot be read */
export const loadOfLog = async (
  scan: LogScan,
  end: bigint,
  window: Window,
  report: Report,
  signal: AbortSignal,
): Promise<Load> => {
  const recorded = recordedLoad(isIn(window));
  let events = 0;
  for await (const batch of scan({ after: 'start' }, signal)) {
    for (const stored of batch) {
      const jobId = jobIdOf(stored.stream);
      // what was asked for and what it carries is most of the log, and says nothing of what ran
      if (jobId === undefined || stored.type === 'JobScheduled' || isKeyMark(stored.type)) continue;
      recorded.see(jobId, decodeJobEvent(recordedEvent(stored)));
    }
    events += batch.length;
    const position = batch.at(-1)?.position ?? end;
    report.progress('reading the log', events, Math.min(1, Number(position) / Number(end)));
  }
  report.end();
  return recorded.load();
};

const PAGE_INSTANTS = 50_000;

/** The jobs that wait, with durations that are assumed. */
export const loadOfWaiting = async (
  dueTimes: DueTimes,
  window: Window,
  durations: Durations,
  seed: number,
  signal: AbortSignal,
): Promise<Load> => {
  const dueAts: number[] = [];
  let after: Instant | undefined;
  for (;;) {
    signal.throwIfAborted();
    const page = { ...window, limit: PAGE_INSTANTS, ...(after !== undefined && { after }) };
    const found = await dueTimes(page);
    for (const { dueAt, jobs } of found) for (let n = 0; n < jobs; n++) dueAts.push(dueAt);
    if (dueAts.length > MOST_JOBS)
      throw new UsageError(`more than ${MOST_JOBS} jobs wait: take an earlier --to`);
    if (found.length < PAGE_INSTANTS) return loadOf(Float64Array.from(dueAts), durations, seed);
    after = found.at(-1)?.dueAt;
  }
};
