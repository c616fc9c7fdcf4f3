import type { JobEvent } from '../../../../domain/job/events';
import { viewOf, type JobView } from '../../../../domain/job/view';
import { toTimestamp } from '../../../../domain/time';
import {
  attemptFailed,
  cancelled,
  definition,
  dispatched,
  failed,
  scheduled,
  started,
  stateAfter,
  t,
} from '../../../support/jobs';

const viewAfter = (...events: readonly JobEvent[]): JobView => {
  const state = stateAfter(...events);
  if (state.status === 'none') throw new Error('the job was scheduled');
  return viewOf('j', state);
};

const { timeoutMs, retry, cutoffMs, location, name, ownerId, queue, tags } = definition;
const barest = {
  ...{ jobId: 'j', ownerId, name, location, queue, tags, timeoutMs, retry, cutoffMs },
  ...{ status: 'scheduled', dueAt: toTimestamp(t(50)), attempt: 1, revision: 0 },
  ...{ scheduledAt: toTimestamp(t(0)), dispatchedAt: null, startedAt: null, finishedAt: null },
  latenessMs: null,
};

test('the view of a job that waits has null for what has not come, and leaves out what it does not have', () => {
  expect(viewAfter(scheduled())).toStrictEqual(barest);
});

test('the view of a job that has ended tells all that there is of it', () => {
  const rich = { maxLatenessMs: 60_000, payload: { amount: 1 }, scheduleId: 'weekly' };
  const result = { paid: true };
  const run = [scheduled(rich, t(1)), dispatched(1, t(1)), started()];
  expect(viewAfter(...run, { type: 'JobSucceeded', data: { attempt: 1, result } })).toStrictEqual({
    ...barest,
    ...rich,
    ...{ status: 'succeeded', revision: 3, dueAt: toTimestamp(t(1)), latenessMs: 1_000, result },
    ...{ dispatchedAt: toTimestamp(t(1)), startedAt: toTimestamp(t(2)) },
    finishedAt: toTimestamp(t(3)),
  });
});

test('a result of null is one, and so is a payload: absent is something else', () => {
  const run = [scheduled({ payload: null }), dispatched(), started()];
  expect(
    viewAfter(...run, { type: 'JobSucceeded', data: { attempt: 1, result: null } }),
  ).toMatchObject({ payload: null, result: null });
});

test('the error of a dead letter is shown, and so is the one before the retry that is to come', () => {
  const run = [scheduled(), dispatched(), started()];
  const error = { code: 'boom', message: 'it broke' };
  expect(viewAfter(...run, attemptFailed(1), failed)).toMatchObject({ status: 'failed', error });
  expect(viewAfter(...run, attemptFailed(1, t(60)))).toMatchObject({ status: 'scheduled', error });
});

test('a job that was cancelled shows no time of an attempt', () => {
  expect(viewAfter(scheduled(), cancelled)).toStrictEqual({
    ...barest,
    ...{ status: 'cancelled', revision: 1, finishedAt: toTimestamp(t(1)) },
  });
});

test('the view of a run of a schedule names the schedule and the occurrence', () => {
  const occurrenceAt = toTimestamp(t(40));
  expect(viewAfter(scheduled({ scheduleId: 's', occurrenceAt }))).toEqual({
    ...barest,
    ...{ scheduleId: 's', occurrenceAt },
  });
});
