import fc from 'fast-check';
import type { RecordedEvent } from '../../../../domain/event-log';
import { jobIdOf } from '../../../../domain/ids';
import { evolve } from '../../../../domain/job/evolve';
import { initial, type JobState, type KnownJob } from '../../../../domain/job/state';
import { decodeJobEvent } from '../../../../domain/job/stored-event';
import { toTimestamp } from '../../../../domain/time';
import { jobChanges } from '../../../../projections/jobs/batch';
import type { JobChange } from '../../../../projections/jobs/job-change';
import { histories } from '../../../support/job-histories';

// whole jobs in one batch: what their rows get without a look at any row must be what the domain folds

const timestamp = (at: number | undefined) => (at === undefined ? undefined : toTimestamp(at));

/** What a fold says of the columns of a row. */
const columnsOf = (job: KnownJob) => ({
  ...{ status: job.status, attempt: job.attempt, dueAt: toTimestamp(job.dueAt) },
  ...{ dispatchedAt: timestamp(job.dispatchedAt), startedAt: timestamp(job.startedAt) },
  finishedAt: 'finishedAt' in job ? timestamp(job.finishedAt) : undefined,
  ...{ result: job.result, error: job.error },
});

/** What a row says of an attempt while it lives. */
const liveOf = (job: KnownJob) => {
  if (job.status === 'queued') return { delivery: job.delivery };
  if (job.status !== 'running') return {};
  return { executorId: job.executorId, abortRequested: job.abortRequested };
};

/** Of each job all that its events made of it, one after the other. */
const folds = (events: readonly RecordedEvent[]) => {
  const jobs = new Map<string, { readonly event: RecordedEvent; readonly state: KnownJob }[]>();
  for (const event of events) {
    const jobId = jobIdOf(event.stream) ?? '';
    const steps = jobs.get(jobId) ?? [];
    const before: JobState = steps.at(-1)?.state ?? initial;
    const state = evolve(before, decodeJobEvent(event));
    if (state.status === 'none') throw new Error('no event leads back to none');
    jobs.set(jobId, [...steps, { event, state }]);
  }
  return jobs;
};

test('a job of which all is in one batch becomes what the domain folds, and so does each line of its feed', () => {
  fc.assert(
    fc.property(histories, (events) => {
      const expected = folds(events);
      const changes = jobChanges(events);
      expect(changes.map(({ jobId }) => jobId)).toEqual([...expected.keys()]);
      for (const change of changes) {
        const steps = expected.get(change.jobId) ?? [];
        const last = steps.at(-1);
        if (!last) throw new Error('a job has an event');
        const { state } = last;
        const {
          sentAt: _sentAt,
          delivery,
          executorId,
          abortRequested,
          ...columns
        } = change.columns;
        expect(columns).toEqual(columnsOf(state));
        expect({ delivery, executorId, abortRequested }).toMatchObject(liveOf(state));
        expect(change).toMatchObject({
          ...{ firstRevision: 0n, revision: state.revision, position: last.event.position },
          created: {
            definition: state.definition,
            scheduledAt: toTimestamp(state.scheduledAt),
          },
        } satisfies Partial<JobChange>);
        expect(change.feed).toEqual(
          steps.map(({ event, state: after }) => ({
            ...{ position: event.position, revision: event.revision, status: after.status },
            recordedAt: decodeJobEvent(event).metadata.at,
            ...{ attempt: after.attempt, dueAt: toTimestamp(after.dueAt) },
          })),
        );
        expect(change.starts).toEqual(
          steps
            .filter(({ event }) => event.type === 'JobStarted')
            .map(({ event, state: after }) => ({
              revision: event.revision,
              startedAt: decodeJobEvent(event).metadata.at,
              dueAt: toTimestamp(after.dueAt),
            })),
        );
      }
    }),
    { numRuns: 40 },
  );
});
