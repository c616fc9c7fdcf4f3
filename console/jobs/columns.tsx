import type { ReactNode } from 'react';
import type { Job } from '../http/answers';
import { count, span } from '../time/format';
import { RowTime } from '../time/row-time';
import { Standing } from './standing';
import { Status } from './status';

const TAGS_SHOWN = 2;

const Tags = ({ tags }: { readonly tags: readonly string[] }) => (
  <>
    {tags.slice(0, TAGS_SHOWN).map((tag) => (
      <span key={tag} className="tag" dir="auto">
        {tag}
      </span>
    ))}
    {tags.length > TAGS_SHOWN && <span className="soft">+{count(tags.length - TAGS_SHOWN)}</span>}
  </>
);

const attemptOf = ({ attempt, retry, status, startedAt }: Job): string => {
  const hasTried = startedAt !== null || attempt > 1;
  if (!hasTried && (status === 'cancelled' || status === 'expired')) return '–';
  return attempt > 1 ? `${count(attempt)} of ${count(retry.maxAttempts)}` : count(attempt);
};

type Seen = { readonly job: Job; readonly now: number };

const timeCell = (at: string | null): ReactNode =>
  at === null ? <span className="soft">–</span> : <RowTime at={at} />;

const tookOf = ({ startedAt, finishedAt }: Job): string =>
  startedAt === null || finishedAt === null
    ? '–'
    : span(Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt)));

type Column = {
  readonly title: string;
  /** As a grid has it. */
  readonly width: string;
  readonly cell: (seen: Seen) => ReactNode;
};

/** What a list can show of a job beside its name, in this order. */
export const COLUMNS = {
  due: {
    title: 'Due',
    width: 'minmax(92px, 0.9fr)',
    cell: ({ job }) => timeCell(job.dueAt),
  },
  status: { title: 'Status', width: '126px', cell: ({ job }) => <Status status={job.status} /> },
  standing: {
    title: 'Started late by',
    width: 'minmax(110px, 1.7fr)',
    cell: ({ job, now }) => <Standing job={job} now={now} />,
  },
  tags: {
    title: 'Tags',
    width: 'minmax(70px, 1.1fr)',
    cell: ({ job }) => <Tags tags={job.tags} />,
  },
  attempt: { title: 'Attempt', width: '76px', cell: ({ job }) => attemptOf(job) },
  queue: { title: 'Queue', width: 'minmax(60px, 0.8fr)', cell: ({ job }) => job.queue },
  owner: { title: 'Owner', width: 'minmax(60px, 0.8fr)', cell: ({ job }) => job.ownerId },
  scheduled: {
    title: 'Scheduled',
    width: 'minmax(70px, 0.8fr)',
    cell: ({ job }) => timeCell(job.scheduledAt),
  },
  started: {
    title: 'Started',
    width: 'minmax(70px, 0.8fr)',
    cell: ({ job }) => timeCell(job.startedAt),
  },
  finished: {
    title: 'Finished',
    width: 'minmax(70px, 0.8fr)',
    cell: ({ job }) => timeCell(job.finishedAt),
  },
  took: { title: 'Took', width: 'minmax(54px, 0.5fr)', cell: ({ job }) => tookOf(job) },
  location: { title: 'What runs', width: 'minmax(70px, 1.2fr)', cell: ({ job }) => job.location },
  id: { title: 'Id', width: 'minmax(70px, 1.2fr)', cell: ({ job }) => <code>{job.jobId}</code> },
} as const satisfies Readonly<Record<string, Column>>;

export type ColumnKey = keyof typeof COLUMNS;
export const ALL_COLUMNS = Object.keys(COLUMNS) as readonly ColumnKey[]; // the keys that it was written with

export const USUAL_COLUMNS: readonly ColumnKey[] = ['due', 'status', 'standing', 'tags', 'attempt'];

/** The widths of a row, its name first. */
export const widthsOf = (columns: readonly ColumnKey[]): string =>
  ['minmax(140px, 2.3fr)', ...columns.map((key) => COLUMNS[key].width)].join(' ');
