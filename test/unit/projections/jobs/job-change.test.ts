import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import { changeFold, type JobChange } from '../../../../projections/jobs/job-change';
import { jobsProjection } from '../../../../projections/jobs/jobs-projection';
import { recorded, testJobId } from '../../../support/job-histories';
import {
  attemptFailed,
  cancelled,
  dispatched,
  facts,
  rescheduled,
  scheduled,
  started,
  t,
} from '../../../support/jobs';

const changeOf = (...events: readonly JobEvent[]): JobChange => {
  const fold = changeFold();
  for (const fact of facts(events))
    fold.add(testJobId(1), {
      ...fact,
      position: fact.revision * 10n,
      recordedAt: toTimestamp(fact.at),
    });
  const [change] = fold.changes();
  if (!change) throw new Error('no event, no change');
  return change;
};

test('all events of a batch become one change, with a row of the status feed for each', () => {
  const change = changeOf(scheduled(), dispatched(), started());
  expect(change).toMatchObject({
    firstRevision: 0n,
    revision: 2n,
    position: 20n,
    columns: { status: 'running', attempt: 1, executorId: 'x1', startedAt: toTimestamp(t(2)) },
  });
  expect(change.feed.map(({ status, revision }) => [status, revision])).toEqual([
    ['scheduled', 0n],
    ['queued', 1n],
    ['running', 2n],
  ]);
});

test('a start says when it was due, where the batch does, and one before its time is kept none of', () => {
  const starts = (...events: readonly JobEvent[]) =>
    changeOf(...events).starts.map(({ revision, dueAt }) => [revision, dueAt]);
  expect(starts(scheduled(), dispatched(), started())).toEqual([[2n, toTimestamp(t(50))]]);
  expect(starts(dispatched(), started())).toEqual([[1n, undefined]]);
  const retried = [started(), attemptFailed(1, t(60)), dispatched(2, t(60)), started(2)];
  expect(starts(...retried)).toEqual([
    [0n, undefined],
    [3n, toTimestamp(t(60))],
  ]);
  const fold = changeFold({ feed: -Infinity, starts: t(1) });
  for (const fact of facts([started()]))
    fold.add(testJobId(1), { ...fact, position: 1n, recordedAt: toTimestamp(fact.at) });
  expect(fold.changes()[0]).toMatchObject({ starts: [], feed: [{ status: 'running' }] });
});

test.each([
  ['a dispatch', [dispatched()]],
  ['a retry', [attemptFailed(1, t(60))]],
  ['a reschedule', [rescheduled(t(60))]],
  ['a redrive', [{ type: 'JobRedriven', data: { dueAt: toTimestamp(t(60)) } }]],
] as const)('%s clears what the attempt before left behind', (_what, events) => {
  expect(changeOf(...events).isUntried).toBe(true);
  expect(changeOf(started(), ...events).columns).not.toHaveProperty('startedAt');
});

test('every due time that a row may have had is named, so that its partition is the only one asked', () => {
  const moved = rescheduled(t(70));
  expect(changeOf(moved, rescheduled(t(80), t(70)), dispatched(1, t(80))).leftDueAts).toEqual(
    [t(50), t(70), t(80)].map(toTimestamp),
  );
  expect(changeOf(cancelled).leftDueAts).toEqual([toTimestamp(t(50))]);
  expect(changeOf(started()).leftDueAts).toEqual([]);
});

test('a part of a life sets what its events say and keeps all else as the row has it', () => {
  const at = toTimestamp(t(0));
  const error = { code: 'boom', message: 'it broke' };
  const undeliverable = { attempt: 2, cause: 'undeliverable', error } as const;
  const set = (event: JobEvent) => {
    const { columns, isUntried, created } = changeOf(event);
    expect(created).toBeUndefined();
    return { ...columns, isUntried };
  };
  const kept = { isUntried: false };
  expect(set({ type: 'JobRedispatched', data: { attempt: 1, delivery: 2 } })).toStrictEqual({
    ...{ status: 'queued', sentAt: at, delivery: 2 },
    ...kept,
  });
  expect(set(dispatched())).toStrictEqual({
    ...{ status: 'queued', dispatchedAt: at, sentAt: at, delivery: 1, isUntried: true },
    ...{ dueAt: undefined, attempt: undefined, error: undefined },
  });
  expect(set({ type: 'JobAttemptFailed', data: undeliverable })).toStrictEqual({
    ...{ status: 'queued', error },
    ...kept,
  });
  expect(set(attemptFailed(2))).toStrictEqual({ status: 'running', error, ...kept });
  expect(set({ type: 'JobFailed', data: { attempts: 3, error } })).toStrictEqual({
    ...{ status: 'failed', finishedAt: at, error },
    ...kept,
  });
  expect(set({ type: 'JobAbortRequested', data: {} })).toStrictEqual({
    ...{ status: 'running', abortRequested: true },
    ...kept,
  });
  expect(set({ type: 'JobRedriven', data: { dueAt: at } })).toMatchObject({
    ...{ status: 'scheduled', attempt: 1, dueAt: at, isUntried: true },
  });
  expect(set({ type: 'JobSucceeded', data: { attempt: 1, result: null } })).toStrictEqual({
    ...{ status: 'succeeded', finishedAt: at, result: null, error: undefined },
    ...kept,
  });
  expect(set({ type: 'JobSucceeded', data: { attempt: 1 } })).toStrictEqual({
    ...{ status: 'succeeded', finishedAt: at, error: undefined },
    ...kept,
  });
});

test('a line of the feed or a start that is older than what is kept is left out, one of that very time is not', () => {
  const fold = changeFold({ feed: t(1), starts: t(2) });
  for (const fact of facts([scheduled(), dispatched(), started()]))
    fold.add(testJobId(1), { ...fact, position: fact.revision, recordedAt: toTimestamp(fact.at) });
  expect(fold.changes()[0]?.feed.map(({ status }) => status)).toEqual(['queued', 'running']);
  expect(fold.changes()[0]?.starts).toHaveLength(1);
});

test('an event that is refused leaves nothing of its job, nor of what the job had before', () => {
  const fold = changeFold();
  const [fact] = facts([scheduled()]);
  if (fact?.type !== 'JobScheduled') throw new Error('one event');
  const placed = { ...fact, position: 0n, recordedAt: toTimestamp(fact.at) };
  const broken = { ...placed, data: { ...placed.data, dueAt: 'soon' } };
  expect(() => fold.add(testJobId(1), broken)).toThrow('soon is no due time');
  expect(fold.changes()).toEqual([]);
});

test.each(['x2026-11-23T12:00:50.000Z', '2026-11-23T12:00:50.000Zx', '2026-13-23T12:00:50.000Z'])(
  'the due time %s is none: what becomes part of a statement is a time and nothing beside it',
  (dueAt) => {
    const event = { type: 'JobCancelled', data: { dueAt } } as const;
    expect(() => changeOf(event)).toThrow(RangeError);
  },
);

test('a due time that is none is refused before it comes near a statement', () => {
  const event = { ...scheduled(), data: { ...scheduled().data, dueAt: "2026-01'" } } as JobEvent;
  expect(() => changeOf(event)).toThrow(RangeError);
});

test('a whole batch is a handful of statements, however many jobs it has', () => {
  const events = Array.from({ length: 500 }, (_, n) =>
    recorded(testJobId(n), 0n, BigInt(n), scheduled({}, t(n))),
  );
  const { statements, notice, partitions } = jobsProjection.plan(events);
  expect(statements.map(({ name }) => name)).toEqual([
    'status_feed_created_repeatable',
    'jobs_insert',
    'due_jobs_insert',
  ]);
  expect(notice).toEqual({ duePosition: 0n, dueAt: t(0) });
  expect(partitions).toEqual(['due_jobs_2026_11']);
});

test('moves that span months ask each partition once', () => {
  const month = 31 * 86_400;
  const events = [0, 1, 2, 3].map((n) =>
    recorded(testJobId(n), 1n, BigInt(n), rescheduled(t(60), t((n % 2) * month))),
  );
  const names = jobsProjection.plan(events).statements.map(({ name }) => name);
  expect(names.filter((name) => name?.endsWith('_delete'))).toEqual([
    'due_jobs_2026_11_delete',
    'due_jobs_2026_12_delete',
  ]);
});

test('marks of keys and the ends of deleted streams change no job, and a stream of another is refused', () => {
  const marks = ['IdempotencyKeyUsed', '$streamDeleted'].map((type, n) =>
    recorded(testJobId(n), 0n, BigInt(n), { type, data: {} }),
  );
  expect(jobsProjection.plan(marks).statements).toEqual([]);
  const stray = { ...recorded(testJobId(1), 0n, 0n, scheduled()), stream: 'job-x' };
  expect(() => jobsProjection.plan([stray])).toThrow('job-x is no stream of a job');
});

test('only streams of jobs are its own', () => {
  expect(jobsProjection.isMine(`job-${testJobId(1)}`)).toBe(true);
  expect(jobsProjection.isMine('job-x')).toBe(false);
  expect(jobsProjection.isMine(`schedule-${testJobId(1)}`)).toBe(false);
});
