import {
  compareKeys,
  isAfter,
  isListed,
  keyOf,
  type JobFilter,
  type JobKey,
} from '../../../../domain/job/filter';
import { isJobStatus, jobStatuses, type KnownJob } from '../../../../domain/job/state';
import type { JobEvent } from '../../../../domain/job/events';
import {
  attemptFailed,
  dispatched,
  failed,
  scheduled,
  started,
  stateAfter,
  t,
} from '../../../support/jobs';

const listed = (jobId: string, dueAt: number) => {
  const state = stateAfter(scheduled({ tags: ['green'], scheduleId: 'weekly' }, dueAt));
  return { jobId, job: state as KnownJob }; // it was scheduled
};
const job = listed('b', t(50));

test('a list begins with the latest due time, and jobs of one instant are in the order of their ids', () => {
  const jobs = [listed('b', t(1)), listed('a', t(2)), listed('c', t(1)), listed('a', t(1))];
  expect(jobs.map(keyOf).toSorted(compareKeys)).toEqual([
    { jobId: 'a', dueAt: t(2) },
    { jobId: 'c', dueAt: t(1) },
    { jobId: 'b', dueAt: t(1) },
    { jobId: 'a', dueAt: t(1) },
  ]);
});

test.each`
  filter                                 | isOnIt   | why
  ${{}}                                  | ${true}  | ${'nothing was asked for'}
  ${{ ownerId: 'ada' }}                  | ${true}  | ${'it is the owner’s'}
  ${{ ownerId: 'bob' }}                  | ${false} | ${'it is another’s'}
  ${{ status: ['queued', 'scheduled'] }} | ${true}  | ${'one of the statuses'}
  ${{ status: ['queued'] }}              | ${false} | ${'none of them'}
  ${{ from: t(50) }}                     | ${true}  | ${'the first instant belongs to the span'}
  ${{ from: t(50) + 1 }}                 | ${false} | ${'due before it'}
  ${{ to: t(50) + 1 }}                   | ${true}  | ${'due in time'}
  ${{ to: t(50) }}                       | ${false} | ${'the last instant does not belong to it'}
  ${{ tag: 'green' }}                    | ${true}  | ${'it has the tag'}
  ${{ tag: 'red' }}                      | ${false} | ${'it has not'}
  ${{ queue: 'default' }}                | ${true}  | ${'its queue'}
  ${{ queue: 'mail' }}                   | ${false} | ${'another queue'}
  ${{ scheduleId: 'weekly' }}            | ${true}  | ${'its schedule'}
  ${{ scheduleId: 'daily' }}             | ${false} | ${'another schedule'}
  ${{ tag: 'green', queue: 'mail' }}     | ${false} | ${'all that is asked for must hold'}
`(
  'a job is on the list of $filter: $isOnIt, for $why',
  ({ filter, isOnIt }: { filter: JobFilter; isOnIt: boolean }) => {
    expect(isListed(job, filter)).toBe(isOnIt);
  },
);

test.each`
  code      | events                      | isOnIt   | why
  ${'boom'} | ${[failed]}                 | ${true}  | ${'it failed for good, and of this'}
  ${'BOOM'} | ${[failed]}                 | ${false} | ${'codes are compared as they are'}
  ${'boom'} | ${[attemptFailed(1, t(9))]} | ${false} | ${'it may still be tried'}
`(
  'a job whose last event is $events.0.type is on the list of error $code: $isOnIt, for $why',
  ({ code, events, isOnIt }: { code: string; events: readonly JobEvent[]; isOnIt: boolean }) => {
    const state = stateAfter(scheduled({}, t(1)), dispatched(1, t(1)), started(), ...events);
    const one = { jobId: 'a', job: state as KnownJob }; // it was scheduled
    expect(isListed(one, { errorCode: code })).toBe(isOnIt);
  },
);

test.each`
  after                           | isOnIt   | why
  ${{ dueAt: t(51), jobId: 'a' }} | ${true}  | ${'a later due time was on the page before'}
  ${{ dueAt: t(49), jobId: 'c' }} | ${false} | ${'the page before went beyond it'}
  ${{ dueAt: t(50), jobId: 'c' }} | ${true}  | ${'the next one of the same instant'}
  ${{ dueAt: t(50), jobId: 'a' }} | ${false} | ${'it was on a page before'}
  ${{ dueAt: t(50), jobId: 'b' }} | ${false} | ${'no job comes twice'}
`(
  'a page that goes on after $after.jobId has the job: $isOnIt, for $why',
  ({ after, isOnIt }: { after: JobKey; isOnIt: boolean }) => {
    expect(isAfter(keyOf(job), after)).toBe(isOnIt);
  },
);

test('a status is one of those that a job may have, and no name that objects have by themselves', () => {
  expect(jobStatuses.every(isJobStatus)).toBe(true);
  expect(isJobStatus('none')).toBe(false);
  expect(isJobStatus('constructor')).toBe(false);
});
