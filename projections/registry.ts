import type { RecordedEvent } from '../commands/ports';
import { decodeJobEvent } from '../domain/events/catalog';
import { jobIdOf } from '../domain/ids';
import { dueJobStatements, dueMonths, dueNotice } from './due-jobs';
import { groupBy } from './grouping';
import { jobChange, type JobChange, type PlacedFact } from './job-change';
import { jobStatements } from './jobs';
import type { Projection } from './projection';
import { statusFeedStatements } from './status-feed';

const changeOf = (stream: string, events: readonly RecordedEvent[]): JobChange => {
  const jobId = jobIdOf(stream);
  if (jobId === undefined) throw new Error(`${stream} is no stream of a job`);
  const facts = events.map((event): PlacedFact => {
    const { type, data, at, revision, metadata } = decodeJobEvent(event);
    const { position } = event;
    // type and data come from one fact
    return { type, data, at, revision, position, recordedAt: metadata.at } as PlacedFact;
  });
  return jobChange(jobId, facts);
};

/**
 * Events of any jobs, in log order, as one change for each job.
 *
 * @throws Error for an event that cannot be read
 */
export const jobChanges = (events: readonly RecordedEvent[]): readonly JobChange[] =>
  [...groupBy(events, ({ stream }) => stream)].map(([stream, its]) => changeOf(stream, its));

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
