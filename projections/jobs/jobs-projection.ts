import { JOB_STREAM_PREFIX, jobIdOf } from '../../domain/ids';
import type { Projection } from '../projection';
import { jobChanges } from './batch';
import { jobsRebuild } from './bulk';
import { dueJobStatements, dueNotice, duePartitions, noticeOfAllDue } from './due-jobs';
import { jobStatements } from './job-rows';
import { latenessStatements, trimLateness } from './lateness';
import { lateForSearch } from '../search/pending';
import { STATUS_FEED_KEPT_MS, statusFeedStatements, trimStatusFeed } from './status-feed';
import { jobsMigrations, jobsTables } from './tables';

/** `jobs`, `due_jobs`, `status_feed` and `lateness`: one projection, for the others take from `jobs` what events do not carry. */
export const jobsProjection: Projection = {
  name: 'jobs',
  tables: jobsTables,
  migrations: jobsMigrations,
  prefixes: [JOB_STREAM_PREFIX],
  isMine: (stream) => jobIdOf(stream) !== undefined,
  plan: (events) => {
    const changes = jobChanges(events);
    return {
      statements: [
        ...statusFeedStatements(changes),
        ...latenessStatements(changes),
        ...jobStatements(changes),
        ...dueJobStatements(changes),
      ],
      partitions: duePartitions(changes),
      notice: dueNotice(changes),
    };
  },
  trims: [
    (session) => trimStatusFeed(session, STATUS_FEED_KEPT_MS),
    (session) => trimLateness(session),
  ],
  broughtBack: lateForSearch,
  noticeOfAll: noticeOfAllDue,
  rebuild: jobsRebuild,
};
