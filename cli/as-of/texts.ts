import type { HistoryEntry } from '../../commands/job-history';
import { quoted, who, word } from '../../domain/audit/phrases';
import type { JobView } from '../../domain/job/view';

/** A job, a field a line. */
export const jobText = (job: JobView): string =>
  Object.entries(job)
    .map(
      ([name, value]) =>
        `${name.padEnd(16)}${typeof value === 'string' ? word(value) : JSON.stringify(value)}`,
    )
    .join('\n');

export const historyText = (entries: readonly HistoryEntry[]): string =>
  entries
    .map(
      ({ time, revision, position, type, actor, data }) =>
        `${time}  ${String(revision).padStart(3)}  @${position}  ${type}  by ${who(actor)}  ${JSON.stringify(data)}`,
    )
    .join('\n');

/** In the order of the columns. */
const cells = (job: JobView): readonly string[] => [
  job.dueAt,
  job.status,
  String(job.attempt),
  word(job.queue),
  word(job.ownerId),
  job.jobId,
  quoted(job.name),
];

const HEADINGS = ['DUE', 'STATUS', 'ATTEMPT', 'QUEUE', 'OWNER', 'JOB', 'NAME'];

/** A line for each job below a line of headings; names are quoted, so that none can pass for a column. */
export const tableText = (jobs: readonly JobView[]): string => {
  const lines = [HEADINGS, ...jobs.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    lines.reduce((widest, line) => Math.max(widest, line[column]?.length ?? 0), 0),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
