import type { RecordedEvent } from '../domain/event-log';
import { isKeyMark } from '../domain/events/key-mark';
import { isTombstone, jobIdOf } from '../domain/ids';
import type { Instant } from '../domain/time';
import { dueJobStatements, dueMonths, dueNotice } from './jobs/due-jobs';
import { changeFold, type JobChange } from './jobs/job-change';
import { jobStatements } from './jobs/job-rows';
import { placedFact } from './jobs/placed-fact';
import type { Projection } from './projection';
import { statusFeedStatements } from './jobs/status-feed';

/**
 * @param feedSince  as for `changeFold`
 * @throws Error for an event that cannot be read
 */
export const jobChanges = (
  events: readonly RecordedEvent[],
  feedSince?: Instant,
): readonly JobChange[] => {
  const fold = changeFold(feedSince);
  for (const event of events) {
    const jobId = jobIdOf(event.stream);
    if (isKeyMark(event.type) || isTombstone(event.type)) continue;
    if (jobId === undefined) throw new Error(`${event.stream} is no stream of a job`);
    fold.add(jobId, placedFact(event));
  }
  return fold.changes();
};

/** `jobs`, `due_jobs` and `status_feed`: one projection, for the latter two take from `jobs` what events do not carry. */
export const jobsProjection: Projection = {
  name: 'jobs',
  tables: ['jobs', 'due_jobs', 'status_feed'],
  isMine: (stream) => jobIdOf(stream) !== undefined,
  plan: (events) => {
    const changes = jobChanges(events);
    const due = dueNotice(changes);
    return {
      statements: [
        ...statusFeedStatements(changes),
        ...jobStatements(changes),
        ...dueJobStatements(changes),
      ],
      dueMonths: dueMonths(changes),
      ...(due && { due }),
    };
  },
};
