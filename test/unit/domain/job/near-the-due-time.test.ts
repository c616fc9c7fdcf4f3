import type { JobCommand } from '../../../../domain/job/commands';
import type { JobEvent } from '../../../../domain/job/events';
import {
  attemptFailed,
  cancelled,
  definition,
  dispatched,
  given,
  rescheduled,
  scheduled,
  started,
  succeeded,
  t,
} from '../../../support/jobs';

// design.md, section 5: who wins near the due time (due at t = 50)

const move =
  (to: number) =>
  (now: number): JobCommand => ({ type: 'RescheduleJob', at: t(now), dueAt: t(to) });
const cancel = (now: number): JobCommand => ({ type: 'CancelJob', at: t(now) });
const abort = (now: number): JobCommand => ({ type: 'AbortJob', at: t(now) });

const waiting = [scheduled()];
const cautious = [scheduled({ cutoffMs: 10_000 })];
const queued = [scheduled(), dispatched()];
const running = [scheduled(), dispatched(), started()];
const finished = [...running, succeeded];
const retrying = [...running, attemptFailed(1, t(60))];
const gone = [scheduled(), cancelled];

test.each`
  now       | state          | past        | command     | answer                 | why
  ${0}      | ${'waiting'}   | ${waiting}  | ${move(75)} | ${'JobRescheduled'}    | ${'it is the user’s until it starts'}
  ${0}      | ${'waiting'}   | ${waiting}  | ${move(30)} | ${'JobRescheduled'}    | ${'earlier is a move like any other'}
  ${0}      | ${'waiting'}   | ${waiting}  | ${cancel}   | ${'JobCancelled'}      | ${'it never runs'}
  ${45}     | ${'waiting'}   | ${waiting}  | ${move(75)} | ${'JobRescheduled'}    | ${'no cut-off was asked for'}
  ${45}     | ${'cautious'}  | ${cautious} | ${move(75)} | ${'cutoff-passed'}     | ${'the job asked for a quiet last 10 s'}
  ${40}     | ${'cautious'}  | ${cautious} | ${move(75)} | ${'JobRescheduled'}    | ${'exactly at the cut-off is still in time'}
  ${45}     | ${'waiting'}   | ${waiting}  | ${move(47)} | ${'JobRescheduled'}    | ${'two seconds are enough'}
  ${45}     | ${'waiting'}   | ${waiting}  | ${move(30)} | ${'due-in-past'}       | ${'15 s ago is beyond the grace'}
  ${45}     | ${'waiting'}   | ${waiting}  | ${cancel}   | ${'JobCancelled'}      | ${'still the user’s'}
  ${45}     | ${'cautious'}  | ${cautious} | ${cancel}   | ${'cutoff-passed'}     | ${'the cut-off holds for a cancel too'}
  ${49.999} | ${'waiting'}   | ${waiting}  | ${cancel}   | ${'JobCancelled'}      | ${'the append decides the race, not the clock'}
  ${50.001} | ${'queued'}    | ${queued}   | ${move(75)} | ${'JobRescheduled'}    | ${'dispatched is not started'}
  ${50.001} | ${'queued'}    | ${queued}   | ${move(46)} | ${'JobRescheduled'}    | ${'within the grace it means now'}
  ${56}     | ${'queued'}    | ${queued}   | ${move(51)} | ${'JobRescheduled'}    | ${'exactly the grace is within it'}
  ${55}     | ${'queued'}    | ${queued}   | ${move(50)} | ${'nothing'}           | ${'it is due at that time already, though that has passed'}
  ${50.001} | ${'queued'}    | ${queued}   | ${move(45)} | ${'due-in-past'}       | ${'beyond the grace'}
  ${50.001} | ${'queued'}    | ${queued}   | ${cancel}   | ${'JobCancelled'}      | ${'it beat JobStarted, so it never starts'}
  ${55}     | ${'running'}   | ${running}  | ${move(75)} | ${'job-running'}       | ${'started is not the user’s any more'}
  ${50}     | ${'queued'}    | ${queued}   | ${move(46)} | ${'nothing'}           | ${'within the grace it means now, which is when it is due'}
  ${55}     | ${'running'}   | ${running}  | ${move(50)} | ${'job-running'}       | ${'started is not the user’s any more, not even as it is'}
  ${85}     | ${'finished'}  | ${finished} | ${move(50)} | ${'job-finished'}      | ${'over is over'}
  ${55}     | ${'running'}   | ${running}  | ${cancel}   | ${'job-running'}       | ${'only an abort is left'}
  ${55}     | ${'running'}   | ${running}  | ${abort}    | ${'JobAbortRequested'} | ${'cooperative, no promise'}
  ${85}     | ${'finished'}  | ${finished} | ${move(99)} | ${'job-finished'}      | ${'over is over'}
  ${85}     | ${'finished'}  | ${finished} | ${cancel}   | ${'job-finished'}      | ${'over is over'}
  ${85}     | ${'finished'}  | ${finished} | ${abort}    | ${'job-finished'}      | ${'over is over'}
  ${55}     | ${'retrying'}  | ${retrying} | ${move(75)} | ${'JobRescheduled'}    | ${'a retry is a job that waits'}
  ${55}     | ${'retrying'}  | ${retrying} | ${move(45)} | ${'due-in-past'}       | ${'by the same rule'}
  ${55}     | ${'retrying'}  | ${retrying} | ${cancel}   | ${'JobCancelled'}      | ${'a retry is a job that waits'}
  ${10}     | ${'cancelled'} | ${gone}     | ${move(75)} | ${'job-cancelled'}     | ${'an accepted cancel is final'}
  ${10}     | ${'cancelled'} | ${gone}     | ${cancel}   | ${'nothing'}           | ${'already so'}
  ${10}     | ${'waiting'}   | ${waiting}  | ${move(50)} | ${'nothing'}           | ${'the same due time again'}
  ${45}     | ${'cautious'}  | ${cautious} | ${move(50)} | ${'nothing'}           | ${'nothing to change, so no cut-off to miss'}
`(
  'at $now, $state: $answer, for $why',
  ({
    now,
    past,
    command,
    answer,
  }: {
    now: number;
    past: readonly JobEvent[];
    command: (now: number) => JobCommand;
    answer: string;
  }) => {
    const decision = given(...past).when(command(now));
    const told =
      decision.outcome === 'rejected'
        ? decision.rejection.code
        : decision.events.map(({ type }) => type).join() || 'nothing';
    expect(told).toBe(answer);
  },
);

test.each`
  dueAt | ofSchedule | answer                        | why
  ${44} | ${false}   | ${'due-in-past'}              | ${'who asks for the past is told'}
  ${45} | ${false}   | ${'2026-11-23T12:00:50.000Z'} | ${'within the grace it means now'}
  ${60} | ${false}   | ${'2026-11-23T12:01:00.000Z'} | ${'the future is what it is for'}
  ${0}  | ${true}    | ${'2026-11-23T12:00:00.000Z'} | ${'a run of a schedule was due when the rule says, however late its job is made'}
`(
  'at 50, a job that is asked for at $dueAt: $answer, for $why',
  ({ dueAt, ofSchedule, answer }: { dueAt: number; ofSchedule: boolean; answer: string }) => {
    const decision = given().when({
      ...{ type: 'ScheduleJob', at: t(50), dueAt: t(dueAt) },
      definition: { ...definition, ...(ofSchedule && { scheduleId: 's' }) },
    });
    expect(decision).toMatchObject(
      decision.outcome === 'rejected'
        ? { rejection: { code: answer } }
        : { events: [{ type: 'JobScheduled', data: { dueAt: answer } }] },
    );
  },
);

test('a message from before a reschedule is refused, so the job does not run at the old time', () => {
  const claim: JobCommand = {
    type: 'ClaimJob',
    at: t(50),
    attempt: 1,
    revision: 1n,
    executorId: 'x1',
  };
  expect(given(scheduled(), dispatched(), rescheduled(t(75))).when(claim)).toEqual({
    outcome: 'rejected',
    rejection: { code: 'dispatch-superseded' },
  });
});

test('a due time within the grace becomes the present, so that lateness counts from the request', () => {
  expect(given(...waiting).when(move(41)(45))).toMatchObject({
    events: [
      { data: { dueAt: '2026-11-23T12:00:45.000Z', previousDueAt: '2026-11-23T12:00:50.000Z' } },
    ],
  });
});

test('a change without a reason has none, instead of one that nobody gave', () => {
  const decisions = [move(75)(10), cancel(10)].map((command) => given(...waiting).when(command));
  expect(decisions).toStrictEqual([
    { outcome: 'accepted', events: [rescheduled(t(75))] },
    { outcome: 'accepted', events: [cancelled] },
  ]);
  expect(given(...running).when(abort(55))).toStrictEqual({
    outcome: 'accepted',
    events: [{ type: 'JobAbortRequested', data: {} }],
  });
});

test('a change keeps the reason that was given', () => {
  const reason = 'not yet';
  expect(given(...waiting).when({ ...cancel(10), reason } as JobCommand)).toMatchObject({
    events: [{ data: { reason } }],
  });
});

test('a year and a millisecond ahead is refused, a year is not', () => {
  const now = Date.UTC(2026, 10, 23);
  const at = (dueAt: number): JobCommand => ({ type: 'RescheduleJob', at: now, dueAt });
  expect(given(...waiting).when(at(Date.UTC(2027, 10, 23)))).toMatchObject({ outcome: 'accepted' });
  expect(given(...waiting).when(at(Date.UTC(2027, 10, 23) + 1))).toMatchObject({
    rejection: { code: 'due-too-far' },
  });
});
