import { LATENESS_KEPT_MS } from '../../domain/lateness';
import { toTimestamp, type Instant } from '../../domain/time';
import type { Migration } from '../migrations/migration';
import type { Projection } from '../projection';
import { jobs } from './migrations/0002-jobs';
import { dueJobs } from './migrations/0003-due-jobs';
import { statusFeed } from './migrations/0004-status-feed';
import { dueLanes } from './migrations/0009-due-lanes';
import { queuedByOwner } from './migrations/0014-queued-by-owner';
import { jobsOfSchedules } from './migrations/0019-jobs-of-schedules';
import { lateness } from './migrations/0024-lateness';
import { deadLetters } from './migrations/0026-dead-letters';
import { deadLettersByDueTime } from './migrations/0028-dead-letters-by-due-time';
import { STATUS_FEED_KEPT_MS } from './status-feed';

/** Room between the trimming of a live table and its comparison. */
const MARGIN_MS = 5 * 60_000;

/** What is older may have been removed from one of the two, and not yet from the other. */
const kept = (now: Instant, keptMs: number): string =>
  `t.at >= '${toTimestamp(now - keptMs + MARGIN_MS)}'`;

/** The last byte of the id. */
const byShard = 'get_byte(uuid_send(t.job_id), 15)';

export const jobsTables: Projection['tables'] = {
  jobs: { key: ['job_id'], bucket: byShard },
  due_jobs: { key: ['job_id', 'due_at'], bucket: byShard, by: 'month' },
  status_feed: {
    key: ['position'],
    bucket: byShard,
    where: (now) => kept(now, STATUS_FEED_KEPT_MS),
  },
  lateness: {
    key: ['minutes', 'at', 'whose', 'cell'],
    bucket: `(extract(epoch from t.at)::bigint / 60 & 255)::integer`,
    where: (now) => kept(now, LATENESS_KEPT_MS),
    isOfMany: true,
  },
};

export const jobsMigrations: readonly Migration[] = [
  jobs,
  dueJobs,
  statusFeed,
  dueLanes,
  queuedByOwner,
  jobsOfSchedules,
  lateness,
  deadLetters,
  deadLettersByDueTime,
];
