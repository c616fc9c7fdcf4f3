import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import {
  attemptFailed,
  cancelled,
  definition,
  dispatched,
  failed,
  rescheduled,
  scheduled,
  started,
  stateAfter,
  succeeded,
  t,
} from '../../../support/jobs';

const run = [scheduled(), dispatched(), started()];
const error = { code: 'boom', message: 'it broke' };
const undeliverable: JobEvent = {
  type: 'JobAttemptFailed',
  data: { attempt: 1, cause: 'undeliverable', error },
};
const expired: JobEvent = {
  type: 'JobExpired',
  data: { dueAt: toTimestamp(t(50)), maxLatenessMs: 1 },
};
const facts = { definition, dueAt: t(50), attempt: 1, scheduledAt: t(0) };

describe('a job has what its events say and nothing else', () => {
  test('after its cancel', () => {
    expect(stateAfter(scheduled(), cancelled)).toStrictEqual({
      ...{ ...facts, status: 'cancelled', revision: 1n, finishedAt: t(1) },
    });
  });

  test('while it runs', () => {
    expect(stateAfter(...run)).toStrictEqual({
      ...{ ...facts, status: 'running', revision: 2n, dispatchedAt: t(1), startedAt: t(2) },
      ...{ executorId: 'x1', token: 2n, dispatchedAtRevision: 1n, abortRequested: false },
    });
  });

  test('after a success without a result', () => {
    expect(stateAfter(...run, succeeded)).toStrictEqual({
      ...{ ...facts, status: 'succeeded', revision: 3n, dispatchedAt: t(1), startedAt: t(2) },
      ...{ finishedAt: t(3), endedAttempt: { attempt: 1, token: 2n, outcome: 'succeeded' } },
    });
  });

  test('while it waits for its retry: the last error and nothing of the attempt', () => {
    expect(stateAfter(...run, attemptFailed(1, t(60)))).toStrictEqual({
      ...{ ...facts, status: 'scheduled', revision: 3n, dueAt: t(60), attempt: 2, error },
      endedAttempt: { attempt: 1, token: 2n, outcome: 'reported' },
    });
  });

  test('while its second attempt runs, and after it: the error stays until there is a success', () => {
    const retried = [...run, attemptFailed(1, t(60)), dispatched(2, t(60)), started(2)];
    expect(stateAfter(...retried)).toMatchObject({ status: 'running', attempt: 2, error });
    expect(stateAfter(...retried, attemptFailed(2), failed)).toMatchObject({ error });
    const success: JobEvent = { type: 'JobSucceeded', data: { attempt: 2 } };
    expect(stateAfter(...retried, success)).not.toHaveProperty('error');
  });

  test('after a message that no executor could get: nobody has a token of that attempt', () => {
    expect(stateAfter(scheduled(), dispatched(), undeliverable, failed)).toStrictEqual({
      ...{ ...facts, status: 'failed', revision: 3n, dispatchedAt: t(1), finishedAt: t(3), error },
    });
  });

  test('and keeps what it gave back, whatever somebody else appends after its end', () => {
    const gaveBack: JobEvent = { type: 'JobSucceeded', data: { attempt: 1, result: null } };
    expect(stateAfter(...run, gaveBack, expired)).toMatchObject({ result: null });
  });
});

test.each<[why: string, events: readonly JobEvent[], message: string]>([
  [
    'a dispatch of a job that was never scheduled',
    [dispatched()],
    'JobDispatched without a JobScheduled before it',
  ],
  ['a start without a dispatch', [scheduled(), started()], 'JobStarted in a job that is scheduled'],
  [
    'a success of a job that was not started',
    [scheduled(), dispatched(), succeeded],
    'JobSucceeded in a job that is queued',
  ],
  [
    'a reported failure of a job that was not started',
    [scheduled(), dispatched(), attemptFailed(1)],
    'JobAttemptFailed in a job that is queued',
  ],
  [
    'an undeliverable message of a job that was not sent',
    [scheduled(), undeliverable],
    'JobAttemptFailed in a job that is scheduled',
  ],
  ['a move of a job that is not there', [rescheduled(t(60))], 'JobRescheduled without'],
])('%s is no job: the stream is broken, and says where', (_why, events, message) => {
  expect(() => stateAfter(...events)).toThrow(message);
});
