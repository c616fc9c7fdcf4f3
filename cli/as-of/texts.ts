import type { HistoryEntry } from '../../commands/job-history';
import { quoted, who, word } from '../../domain/audit/phrases';
import type { JobView } from '../../domain/job/view';
import { aligned } from '../table';

/** A field a line. */
export const fieldsText = (fields: object): string =>
  Object.entries(fields)
    .map(
      ([name, value]: [string, unknown]) =>
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
export const tableText = (jobs: readonly JobView[]): string =>
  aligned([HEADINGS, ...jobs.map(cells)], HEADINGS.length).join('\n');
