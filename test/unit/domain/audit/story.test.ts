import { storyOf, type StoryFact } from '../../../../domain/audit/story';
import type { Actor } from '../../../../domain/events/metadata';
import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import {
  attemptFailed,
  cancelled,
  dispatched,
  failed,
  rescheduled,
  scheduled,
  started,
  succeeded,
  t,
} from '../../../support/jobs';

const jobId = '019ab000-0000-7000-8000-000000000001';
const ada: Actor = { kind: 'user', id: 'ada' };
const bob: Actor = { kind: 'operator', id: 'bob' };
const dispatcher: Actor = { kind: 'system', id: 'dispatcher' };
const rescuer: Actor = { kind: 'system', id: 'rescuer' };
const executor: Actor = { kind: 'executor', id: 'x1' };

/** An event, the second of the hour it was recorded at, and who made it. */
type Given = readonly [second: number, event: JobEvent, actor: Actor];

const factsOf = (given: readonly Given[]): readonly StoryFact[] =>
  given.map(([second, event, actor], index) => ({
    ...event,
    at: t(second),
    revision: BigInt(index),
    position: BigInt(index * 100),
    metadata: { actor, commandId: `command-${index}`, $causationId: `cause-${index}` },
  }));

type Telling = { readonly given: readonly Given[]; readonly until: number };

const tell = (given: readonly Given[], until: number) => storyOf(jobId, factsOf(given), t(until));

const redispatched = (delivery: number): JobEvent => ({
  type: 'JobRedispatched',
  data: { attempt: 1, delivery },
});
const aborted: JobEvent = { type: 'JobAborted', data: { attempt: 1 } };
const abortRequested: JobEvent = { type: 'JobAbortRequested', data: { reason: 'wrong customer' } };
const expired: JobEvent = {
  type: 'JobExpired',
  data: { dueAt: toTimestamp(t(50)), maxLatenessMs: 10_000 },
};
const leftOut: JobEvent = {
  type: 'JobSucceeded',
  data: { attempt: 1, result: { status: 200, omitted: 'too-deep' } },
};
const redriven: JobEvent = { type: 'JobRedriven', data: { dueAt: toTimestamp(t(80)) } };
const movedWithReason: JobEvent = {
  type: 'JobRescheduled',
  data: { dueAt: toTimestamp(t(75)), previousDueAt: toTimestamp(t(50)), reason: 'not yet' },
};
const cancelledWithReason: JobEvent = {
  type: 'JobCancelled',
  data: { dueAt: toTimestamp(t(50)), reason: 'no "need"' },
};
const timedOut: JobEvent = {
  type: 'JobAttemptFailed',
  data: {
    attempt: 1,
    cause: 'timed-out',
    error: { code: 'timed-out', message: 'no report within 60000 ms of the start' },
    retryAt: toTimestamp(t(112)),
  },
};
const executorLost: JobEvent = {
  type: 'JobAttemptFailed',
  data: {
    attempt: 1,
    cause: 'executor-lost',
    error: { code: 'executor-lost', message: 'executor x1 stopped beating' },
  },
};

const grantLost: JobEvent = {
  type: 'JobAttemptFailed',
  data: {
    attempt: 1,
    cause: 'executor-lost',
    error: {
      code: 'grant-lost',
      message: 'the claim was granted to executor x1, which never learned of it',
    },
  },
};
const undeliverable: JobEvent = {
  type: 'JobAttemptFailed',
  data: {
    attempt: 1,
    cause: 'undeliverable',
    error: { code: 'message-too-large', message: '2 MiB are too many' },
  },
};
const failedEarly: JobEvent = {
  type: 'JobFailed',
  data: { attempts: 1, error: { code: 'boom', message: 'it broke' } },
};

const born: Given = [0, scheduled(), ada];
const sent: Given = [50.002, dispatched(), dispatcher];
const begun: Given = [50.01, started(), executor];

describe('the verdict says why', () => {
  test.each<[why: string, given: readonly Given[], until: number, verdict: string]>([
    [
      'it ran on time',
      [born, sent, begun, [51.5, succeeded, executor]],
      60,
      'on-time: Attempt 1 ran on time, due 2026-11-23 12:00:50.000 UTC. It succeeded after 1.4 s.',
    ],
    [
      'it runs',
      [born, sent, begun],
      60,
      'on-time: Attempt 1 ran on time, due 2026-11-23 12:00:50.000 UTC. It is running.',
    ],
    [
      'it still waits for its due time',
      [born],
      20,
      'not-yet: Attempt 1 has not run: it waits for its due time 2026-11-23 12:00:50.000 UTC, in 30.0 s.',
    ],
    [
      'it is due and nobody dispatches it',
      [born],
      53,
      'not-yet: Attempt 1 has not run: it is due since 2026-11-23 12:00:50.000 UTC and waits for the dispatcher. Nobody dispatched it between 2026-11-23 12:00:50.000 UTC and 2026-11-23 12:00:53.000 UTC, for 3.0 s: its queue or its owner had no share left, or the dispatcher was away or behind.',
    ],
    [
      'it waits for an executor',
      [born, sent, [80, redispatched(2), rescuer]],
      92.1,
      'not-yet: Attempt 1 has not started: it has waited 12.1 s for an executor of queue default, since 2026-11-23 12:01:20.000 UTC. The message was sent again once because nobody had claimed it: it was lost or executors were missing.',
    ],
    [
      'the dispatcher was away',
      [born, [53, dispatched(), dispatcher], [53.01, started(), executor]],
      54,
      'late: Attempt 1 ran late, 3.0 s after its due time 2026-11-23 12:00:50.000 UTC. Nobody dispatched it between 2026-11-23 12:00:50.000 UTC and 2026-11-23 12:00:53.000 UTC, for 3.0 s: its queue or its owner had no share left, or the dispatcher was away or behind. It is running.',
    ],
    [
      'the executor claimed it late',
      [born, sent, [52.102, started(), executor], [53, succeeded, executor]],
      60,
      'late: Attempt 1 ran late, 2.1 s after its due time 2026-11-23 12:00:50.000 UTC. Executor x1 claimed it 2.1 s after it was last sent. It succeeded after 898 ms.',
    ],
    [
      'the message got lost twice',
      [
        born,
        sent,
        [80, redispatched(2), rescuer],
        [110, redispatched(3), rescuer],
        [110.01, started(), executor],
        [111, succeeded, executor],
      ],
      120,
      'late: Attempt 1 ran late, 1 min after its due time 2026-11-23 12:00:50.000 UTC. The message was sent again 2 times because nobody had claimed it: it was lost or executors were missing. It succeeded after 990 ms.',
    ],
    [
      'it was moved',
      [
        born,
        [10, movedWithReason, ada],
        [75, dispatched(1, t(75)), dispatcher],
        [75, started(), executor],
      ],
      76,
      'on-time: Attempt 1 ran on time, due 2026-11-23 12:01:15.000 UTC. Its due time is 2026-11-23 12:01:15.000 UTC since user ada moved it from 2026-11-23 12:00:50.000 UTC, because "not yet". It is running.',
    ],
    [
      'an attempt failed and the next one went well',
      [
        born,
        sent,
        begun,
        [51, attemptFailed(1, t(55)), executor],
        [55, dispatched(2, t(55)), dispatcher],
        [55.1, started(2), executor],
        [56, { type: 'JobSucceeded', data: { attempt: 2 } }, executor],
      ],
      60,
      'on-time: Attempt 2 ran on time, due 2026-11-23 12:00:55.000 UTC. Attempt 1 ended (reported) with boom: "it broke", and the policy gave it another one. It succeeded after 900 ms.',
    ],
    [
      'it failed for good',
      [
        born,
        sent,
        begun,
        [51, executorLost, rescuer],
        [51, { ...failed, data: { ...failed.data, attempts: 1 } } as JobEvent, rescuer],
      ],
      60,
      'on-time: Attempt 1 ran on time, due 2026-11-23 12:00:50.000 UTC. It failed for good after 990 ms with boom: "it broke".',
    ],
    [
      'it was cancelled in time',
      [born, [20, cancelledWithReason, ada]],
      60,
      'no: It did not run: user ada cancelled it at 2026-11-23 12:00:20.000 UTC, 30.0 s before its due time and before its start, because "no \\"need\\"".',
    ],
    [
      'it was cancelled while it waited for an executor',
      [born, sent, [55, cancelled, ada]],
      60,
      'no: It did not run: user ada cancelled it at 2026-11-23 12:00:55.000 UTC, 5.0 s after its due time and before its start.',
    ],
    [
      'it expired',
      [
        [0, scheduled({ maxLatenessMs: 10_000 }), ada],
        [62, expired, dispatcher],
      ],
      70,
      'no: It did not run: at 2026-11-23 12:01:02.000 UTC it was 12.0 s late, and it may be no later than 10.0 s. Nobody dispatched it between 2026-11-23 12:00:50.000 UTC and 2026-11-23 12:01:02.000 UTC, for 12.0 s: its queue or its owner had no share left, or the dispatcher was away or behind.',
    ],
    [
      'it was aborted',
      [born, sent, begun, [52, abortRequested, ada], [53.01, aborted, executor]],
      60,
      'on-time: Attempt 1 ran on time, due 2026-11-23 12:00:50.000 UTC. It was aborted after 3.0 s.',
    ],
    [
      'it was redriven',
      [
        born,
        sent,
        begun,
        [51, attemptFailed(1), executor],
        [51, failed, executor],
        [80, redriven, bob],
      ],
      79.9,
      'not-yet: Attempt 1 has not run: it waits for its due time 2026-11-23 12:01:20.000 UTC, in 100 ms. Operator bob redrove it.',
    ],
  ])('%s', (_why, given, until, verdict) => {
    const { ran, why } = tell(given, until).verdict;
    expect(`${ran}: ${why}`).toBe(verdict);
  });
});

const lastSentence = (...given: readonly Given[]): string =>
  tell(given, 1_000).steps.at(-1)?.sentence ?? '';

describe('each step is a sentence', () => {
  test.each<[given: readonly Given[], told: string]>([
    [
      [born],
      'User ada scheduled "pay the invoice" on queue default: due at 2026-11-23 12:00:50.000 UTC, in 50.0 s.',
    ],
    [
      [[0, scheduled({}, t(0)), ada]],
      'User ada scheduled "pay the invoice" on queue default: due at once.',
    ],
    [
      [[0, scheduled({ scheduleId: 'weekly' }), { kind: 'system', id: 'planner' }]],
      'The planner scheduled "pay the invoice" by schedule weekly on queue default: due at 2026-11-23 12:00:50.000 UTC, in 50.0 s.',
    ],
    [
      [
        [
          0,
          scheduled({ scheduleId: 'weekly', occurrenceAt: toTimestamp(t(40)) }),
          { kind: 'system', id: 'planner' },
        ],
      ],
      'The planner scheduled "pay the invoice" by schedule weekly for its occurrence 2026-11-23T12:00:40.000Z on queue default: due at 2026-11-23 12:00:50.000 UTC, in 50.0 s.',
    ],
    [
      [born, [10, movedWithReason, ada]],
      'User ada moved it from 2026-11-23 12:00:50.000 UTC to 2026-11-23 12:01:15.000 UTC, 25.0 s later, because "not yet".',
    ],
    [
      [born, [10, rescheduled(t(10)), ada]],
      'User ada moved it from 2026-11-23 12:00:50.000 UTC so that it is due at once.',
    ],
    [
      [born, sent, [51, rescheduled(t(75)), bob]],
      'Operator bob moved it from 2026-11-23 12:00:50.000 UTC to 2026-11-23 12:01:15.000 UTC, 25.0 s later; the message already sent is void.',
    ],
    [[born, sent], 'The dispatcher sent attempt 1 to queue default, 2 ms late.'],
    [
      [born, [50, dispatched(), dispatcher]],
      'The dispatcher sent attempt 1 to queue default, on time.',
    ],
    [
      [born, sent, [80, redispatched(2), rescuer]],
      'The rescuer sent attempt 1 again, delivery 2: nobody had claimed it for 29.9 s, the message was lost or executors of queue default were missing.',
    ],
    [
      [born, sent, begun],
      'Executor x1 claimed attempt 1, 8 ms after it was sent, and started it 10 ms late.',
    ],
    [
      [born, sent, begun, [51, leftOut, executor]],
      'Attempt 1 succeeded after 990 ms; what it gave back was left out of the result, for it is nested too deeply.',
    ],
    [[born, sent, begun, [110.01, succeeded, executor]], 'Attempt 1 succeeded after 1 min.'],
    [
      [born, sent, begun, [51, attemptFailed(1, t(55)), executor]],
      'Attempt 1 failed after 990 ms with boom: "it broke"; attempt 2 of 3 follows by policy after 4.0 s.',
    ],
    [
      [born, sent, begun, [110.01, timedOut, rescuer]],
      'Attempt 1 timed out after 1 min: no report within 60000 ms of the start; attempt 2 of 3 follows by policy after 1.9 s.',
    ],
    [
      [born, sent, begun, [70.01, executorLost, rescuer]],
      'Attempt 1 was lost after 20.0 s: executor x1 stopped beating; there is no further attempt.',
    ],
    [
      [born, sent, begun, [70.01, grantLost, rescuer]],
      'Attempt 1 was given up after 20.0 s: the claim was granted to executor x1, which never learned of it; there is no further attempt.',
    ],
    [
      [born, sent, [60.002, undeliverable, dispatcher]],
      'Attempt 1 ended without a start, 10.0 s after it was sent: 2 MiB are too many; there is no further attempt.',
    ],
    [
      [born, sent, begun, [51, attemptFailed(1), executor], [51, failedEarly, executor]],
      'It failed for good after attempt 1, for a retry would be of no use; the last error was boom: "it broke".',
    ],
    [
      [born, [20, cancelledWithReason, ada]],
      'User ada cancelled it 30.0 s before its due time and before its start, because "no \\"need\\"".',
    ],
    [[born, [50, cancelled, ada]], 'User ada cancelled it at its due time and before its start.'],
    [
      [born, sent, [55, cancelled, ada]],
      'User ada cancelled it 5.0 s after its due time and before its start.',
    ],
    [
      [born, [10, rescheduled(t(30)), ada]],
      'User ada moved it from 2026-11-23 12:00:50.000 UTC to 2026-11-23 12:00:30.000 UTC, 20.0 s earlier.',
    ],
    [
      [born, sent, begun, [51, attemptFailed(1), executor], [51, failed, executor]],
      'It failed for good after attempt 3, for all 3 attempts are used up; the last error was boom: "it broke".',
    ],
    [
      [born, [20, cancelled, ada]],
      'User ada cancelled it 30.0 s before its due time and before its start.',
    ],
    [
      [
        [0, scheduled({ maxLatenessMs: 10_000 }), ada],
        [62, expired, dispatcher],
      ],
      'It expired: 12.0 s after its due time, and it may be no later than 10.0 s.',
    ],
    [
      [
        born,
        sent,
        begun,
        [51, attemptFailed(1), executor],
        [51, failed, executor],
        [80, redriven, bob],
      ],
      'Operator bob redrove it: due at once, attempts counted afresh.',
    ],
    [
      [born, sent, begun, [52, abortRequested, ada]],
      'User ada asked for an abort, because "wrong customer".',
    ],
    [
      [born, sent, begun, [52, abortRequested, ada], [53, aborted, executor]],
      'Attempt 1 was aborted.',
    ],
  ])('%#: %s', (given, told) => {
    expect(lastSentence(...given)).toBe(told);
  });
});

test('a step tells who, by which command, where in the log, what was waited for and how late it was', () => {
  const [, , step] = tell(
    [born, [53, dispatched(), dispatcher], [55.1, started(), executor]],
    60,
  ).steps;
  expect(step).toEqual({
    time: '2026-11-23T12:00:55.100Z',
    type: 'JobStarted',
    sentence: 'Executor x1 claimed attempt 1, 2.1 s after it was sent, and started it 5.1 s late.',
    actor: executor,
    commandId: 'command-2',
    causationId: 'cause-2',
    revision: 2,
    position: '200',
    waitedFor: [{ for: 'an executor of queue default', ms: 2_100 }],
    lateMs: 5_100,
  });
});

test('waiting for the due time and waiting for the dispatcher are told apart', () => {
  const [, step] = tell([born, [53, dispatched(), dispatcher]], 60).steps;
  expect(step?.waitedFor).toEqual([
    { for: 'its due time', ms: 50_000 },
    { for: 'the dispatcher', ms: 3_000 },
  ]);
});

test('an abort request does not hide for how long the attempt has run', () => {
  const steps = tell(
    [born, sent, begun, [52, abortRequested, ada], [53.01, aborted, executor]],
    60,
  ).steps;
  expect(steps.at(-1)?.waitedFor).toEqual([{ for: 'the report of executor x1', ms: 3_000 }]);
});

test('clocks that differ make no negative times', () => {
  const { steps } = tell([born, [50, dispatched(), dispatcher], [49.9, started(), executor]], 49);
  expect(steps.at(-1)).toMatchObject({
    sentence: 'Executor x1 claimed attempt 1, 0 ms after it was sent, and started it on time.',
    waitedFor: [],
    lateMs: 0,
  });
});

test('texts from outside are quoted, so that they cannot steer the terminal that shows them', () => {
  const name = 'two\nlines \u001b[2J';
  const { text } = tell([[0, scheduled({ name }), { kind: 'user', id: 'a b\u001b' }]], 1);
  expect(text).toContain('User "a b\\u001b" scheduled "two\\nlines \\u001b[2J"');
  expect(text).not.toContain('\u001b');
});

test('the text is the verdict and a line for each step', () => {
  expect(tell([born, sent, begun, [51.5, succeeded, executor]], 60).text).toBe(
    [
      `Job ${jobId}: succeeded. Attempt 1 ran on time, due 2026-11-23 12:00:50.000 UTC. It succeeded after 1.4 s.`,
      '',
      '2026-11-23 12:00:00.000 UTC  User ada scheduled "pay the invoice" on queue default: due at 2026-11-23 12:00:50.000 UTC, in 50.0 s.',
      '2026-11-23 12:00:50.002 UTC  The dispatcher sent attempt 1 to queue default, 2 ms late. (waited 50.0 s for its due time, 2 ms for the dispatcher)',
      '2026-11-23 12:00:50.010 UTC  Executor x1 claimed attempt 1, 8 ms after it was sent, and started it 10 ms late. (waited 8 ms for an executor of queue default)',
      '2026-11-23 12:00:51.500 UTC  Attempt 1 succeeded after 1.4 s. (waited 1.4 s for the report of executor x1)',
    ].join('\n'),
  );
});

const heldBack = { reason: 'queue-rate', since: toTimestamp(t(51)) } as const;

test('a due job that is held back says by what and since when, instead of blaming the dispatcher', () => {
  const { verdict } = storyOf(jobId, factsOf([born]), t(60), heldBack);
  expect(verdict).toEqual({
    ran: 'not-yet',
    status: 'scheduled',
    why: 'Attempt 1 has not run: it is due since 2026-11-23 12:00:50.000 UTC and waits for its turn in queue default. Its queue is dispatched no faster by its limit a second, since 2026-11-23 12:00:51.000 UTC.',
  });
});

test.each`
  given           | until | why
  ${[born]}       | ${40} | ${'it is not due yet'}
  ${[born, sent]} | ${60} | ${'it is dispatched: now it waits for an executor'}
`('what holds back others is not told of a job: $why', ({ given, until }: Telling) => {
  const facts = factsOf(given);
  expect(storyOf(jobId, facts, t(until), heldBack)).toEqual(storyOf(jobId, facts, t(until)));
});

test.each`
  second  | told
  ${54.9} | ${'The dispatcher sent attempt 1 to queue default, 4.9 s late.'}
  ${55}   | ${'The dispatcher sent attempt 1 to queue default, 5.0 s late: its queue or its owner had no share left, or the dispatcher was away or behind.'}
  ${62}   | ${'The dispatcher sent attempt 1 to queue default, 12.0 s late: its queue or its owner had no share left, or the dispatcher was away or behind.'}
`(
  'a dispatch at second $second of a job due at 50 says why it was late when that was seconds',
  ({ second, told }: { second: number; told: string }) => {
    expect(tell([born, [second, dispatched(), dispatcher]], 70).steps.at(-1)?.sentence).toBe(told);
  },
);

test('a job that was moved to now long after its due time was not late for that', () => {
  const moved: JobEvent = {
    type: 'JobRescheduled',
    data: { dueAt: toTimestamp(t(66)), previousDueAt: toTimestamp(t(50)) },
  };
  const { steps } = tell([born, [70, moved, ada], [70.5, dispatched(1, t(66)), dispatcher]], 80);
  expect(steps.at(-1)?.sentence).toBe(
    'The dispatcher sent attempt 1 to queue default, 4.5 s late.',
  );
});

test('there is no story without events', () => {
  expect(() => storyOf(jobId, [], 0)).toThrow('no events');
});
