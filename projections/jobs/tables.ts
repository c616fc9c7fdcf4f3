import { toTimestamp } from '../../domain/time';
import type { Migration } from '../migrations/migration';
import type { Projection } from '../projection';
import { jobs } from './migrations/0002-jobs';
import { dueJobs } from './migrations/0003-due-jobs';
import { statusFeed } from './migrations/0004-status-feed';
import { dueLanes } from './migrations/0009-due-lanes';
import { queuedByOwner } from './migrations/0014-queued-by-owner';
import { jobsOfSchedules } from './migrations/0019-jobs-of-schedules';
import { STATUS_FEED_KEPT_MS } from './status-feed';

/** Room between the trimming of the live feed and its comparison. */
const FEED_MARGIN_MS = 5 * 60_000;

/** The last byte of the id. */
const byShard = 'get_byte(uuid_send(t.job_id), 15)';

export const jobsTables: Projection['tables'] = {
  jobs: { key: ['job_id'], bucket: byShard },
  due_jobs: { key: ['job_id', 'due_at'], bucket: byShard, by: 'month' },
  status_feed: {
    key: ['position'],
    bucket: byShard,
    // what is older may have been removed from one of the two, and not yet from the other
    where: (now) => `t.at >= '${toTimestamp(now - STATUS_FEED_KEPT_MS + FEED_MARGIN_MS)}'`,
  },
};

export const jobsMigrations: readonly Migration[] = [
  jobs,
  dueJobs,
  statusFeed,
  dueLanes,
  queuedByOwner,
  jobsOfSchedules,
];
