import type { Job } from '../http/answers';
import { readFresh } from '../http/client';
import { Problem } from '../http/problem';
import { span } from '../time/format';

const RACES: ReadonlySet<string> = new Set([
  'job-running',
  'job-finished',
  'job-cancelled',
  'job-not-failed',
  'cutoff-passed',
]);

const WHAT = {
  cancelled: 'It was cancelled',
  succeeded: 'It succeeded',
  failed: 'It failed',
  expired: 'It expired',
  aborted: 'It was stopped',
} as const;

const whatHappened = (job: Job, code: string): readonly [what: string, at: string | null] => {
  if (code === 'cutoff-passed') {
    const endedAt = Date.parse(job.dueAt) - job.cutoffMs;
    return ['The time to change it ended', new Date(endedAt).toISOString()];
  }
  if (job.status === 'running') return ['It started', job.startedAt];
  if (job.status in WHAT) return [WHAT[job.status as keyof typeof WHAT], job.finishedAt]; // just looked
  return [code === 'job-not-failed' ? 'It was told to run again' : 'It changed', null];
};

/**
 * What came before a change of ours: no error of anybody, but worth a sentence.
 *
 * @returns undefined for a refusal of another kind
 */
export const lostRace = async (jobId: string, error: unknown): Promise<string | undefined> => {
  if (!(error instanceof Problem) || !RACES.has(error.code)) return undefined;
  const job = await readFresh<Job>(`v1/jobs/${jobId}`).catch(() => undefined);
  if (!job) return undefined;
  const [what, at] = whatHappened(job, error.code);
  const before = at !== null && error.at !== undefined ? error.at - Date.parse(at) : undefined;
  const when = before === undefined || before < 0 ? 'before' : `${span(before)} before`;
  return `${what} ${when} your change came. Nothing was changed.`;
};
