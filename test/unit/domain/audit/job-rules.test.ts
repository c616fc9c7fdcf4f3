import fc from 'fast-check';
import { decodeJobEvent } from '../../../../domain/job/stored-event';
import { jobIdOf } from '../../../../domain/ids';
import type { JobEvent } from '../../../../domain/job/events';
import { initial, type JobState } from '../../../../domain/job/state';
import { evolve } from '../../../../domain/job/evolve';
import { toTimestamp } from '../../../../domain/time';
import { definitionDigest, digestOrNone, textsOf } from '../../../../domain/audit/digest';
import { shownStatus } from '../../../../domain/audit/job-trace';
import type { FailureCause } from '../../../../domain/job/definition';
import { audited, history, rulesIn, type Timed } from '../../../support/audited';
import { histories, recorded, testJobId } from '../../../support/job-histories';
import * as of from '../../../support/jobs';
import { t } from '../../../support/jobs';

const JOB = testJobId(1);
const scheduled: Timed = [0, of.scheduled()];
const dispatched: Timed = [50, of.dispatched()];
const started: Timed = [51, of.started()];
const succeeded: Timed = [52, of.succeeded];
const cancelled: Timed = [10, of.cancelled];
const failedFor: (cause: 'timed-out', second: number) => Timed = (cause, second) => [
  second,
  { type: 'JobAttemptFailed', data: { attempt: 1, cause, error: { code: 'x', message: 'x' } } },
];
const ofCause = (cause: FailureCause): JobEvent => ({
  type: 'JobAttemptFailed',
  data: { attempt: 1, cause, error: { code: 'x', message: 'x' } },
});
const lazy = of.scheduled({ maxLatenessMs: 10_000 });
const expired = (second: number, maxLatenessMs = 10_000): Timed => [
  second,
  { type: 'JobExpired', data: { dueAt: toTimestamp(t(50)), maxLatenessMs } },
];
const redelivered = (delivery: number): Timed => [
  60,
  { type: 'JobRedispatched', data: { attempt: 1, delivery } },
];
const redriven: Timed = [200, { type: 'JobRedriven', data: { dueAt: toTimestamp(t(200)) } }];
const failed: Timed = [53, { ...of.failed, data: { ...of.failed.data, attempts: 1 } } as JobEvent];

const lawful: Readonly<Record<string, readonly Timed[]>> = {
  'runs and succeeds': [scheduled, dispatched, started, succeeded],
  'is cancelled before it starts': [scheduled, cancelled],
  'is moved and runs at the new time': [
    scheduled,
    [5, of.rescheduled(t(70))],
    [70, of.dispatched(1, t(70))],
    [71, of.started()],
  ],
  'is sent again and starts': [scheduled, dispatched, redelivered(2), [61, of.started()]],
  'fails, is tried again and succeeds': [
    ...[scheduled, dispatched, started],
    [52, of.attemptFailed(1, t(53))],
    [53, of.dispatched(2, t(53))],
    [54, of.started(2)],
    [55, { type: 'JobSucceeded', data: { attempt: 2 } }],
  ],
  'fails for good, is redriven and starts its first attempt again': [
    ...[scheduled, dispatched, started],
    [52, of.attemptFailed(1)],
    failed,
    redriven,
    [200, of.dispatched(1, t(200))],
    [201, of.started()],
  ],
  'is aborted on request': [
    ...[scheduled, dispatched, started],
    [52, { type: 'JobAbortRequested', data: {} }],
    [53, { type: 'JobAborted', data: { attempt: 1 } }],
  ],
  'expires when it is too late': [[0, lazy], expired(61)],
  'starts in the last millisecond in which it may': [[0, lazy], dispatched, [60, of.started()]],
  'times out exactly at its limit': [scheduled, dispatched, started, failedFor('timed-out', 111)],
  'times out by what was seen of it, though the clock was set back': [
    ...[scheduled, dispatched, started],
    [
      30,
      {
        type: 'JobAttemptFailed',
        data: {
          attempt: 1,
          cause: 'timed-out',
          error: { code: 'x', message: 'x' },
          seenMs: 60_000,
        },
      },
    ],
  ],
  'uses up the one attempt that it has': [
    [0, of.scheduled({ retry: { ...of.definition.retry, maxAttempts: 1 } })],
    ...[dispatched, started],
    [52, of.attemptFailed(1)],
    failed,
  ],
  'ends without a start, its message being undeliverable': [
    ...[scheduled, dispatched],
    [51, ofCause('undeliverable')],
    failed,
  ],
};

test.each(Object.entries(lawful))('a job that %s breaks no rule', (_what, events) => {
  expect(audited(history(JOB, events)).violations).toEqual([]);
});

const breaches: readonly (readonly [rule: string, why: string, events: readonly Timed[]])[] = [
  ['started-early', 'dispatched before its due time', [scheduled, [49.999, of.dispatched()]]],
  [
    'started-early',
    'started before its due time',
    [scheduled, dispatched, [49, of.started()], succeeded],
  ],
  ['started-after-cancel', 'dispatched after its cancel', [scheduled, cancelled, dispatched]],
  [
    'started-after-cancel',
    'started after its cancel, its message being under way',
    [scheduled, dispatched, [50.5, of.cancelled], started],
  ],
  [
    'after-the-end',
    'cancelled after it succeeded',
    [...(lawful['runs and succeeds'] ?? []), cancelled],
  ],
  ['legal-transition', 'started without a dispatch', [scheduled, started]],
  ['legal-transition', 'dispatched though it was never scheduled', [dispatched]],
  [
    'legal-transition',
    'moved while it runs',
    [scheduled, dispatched, started, [55, of.rescheduled(t(99))]],
  ],
  [
    'legal-transition',
    'a failed attempt without another try is followed by something else than the end',
    [scheduled, dispatched, started, [52, of.attemptFailed(1)], [53, of.started(2)]],
  ],
  ['one-start-per-attempt', 'started twice', [scheduled, dispatched, started, [52, of.started()]]],
  ['attempt-numbers', 'an attempt was left out', [scheduled, [50, of.dispatched(2)]]],
  ['attempt-numbers', 'a delivery was left out', [scheduled, dispatched, redelivered(3)]],
  [
    'attempt-numbers',
    'another number of attempts in the end',
    [scheduled, dispatched, started, [52, of.attemptFailed(1)], [53, of.failed]],
  ],
  [
    'attempts-within-policy',
    'another try after the last that is allowed',
    [
      [0, of.scheduled({ retry: { ...of.definition.retry, maxAttempts: 1 } })],
      ...[dispatched, started],
      [52, of.attemptFailed(1, t(53))],
    ],
  ],
  [
    'dispatch-due-time',
    'dispatched for a due time that was moved',
    [scheduled, [5, of.rescheduled(t(45))], dispatched],
  ],
  [
    'stated-due-time',
    'a cancel that names another due time',
    [[0, of.scheduled({}, t(40))], cancelled],
  ],
  [
    'stated-due-time',
    'a move from where the job was not',
    [
      [0, of.scheduled({}, t(40))],
      [5, of.rescheduled(t(70))],
    ],
  ],
  ['lateness-limit', 'started when it had to expire', [[0, lazy], dispatched, [61, of.started()]]],
  ['lateness-limit', 'expired while there was time', [[0, lazy], expired(55)]],
  ['lateness-limit', 'expired in the last millisecond of it', [[0, lazy], expired(60)]],
  [
    'legal-transition',
    'an attempt that never began was reported as failed',
    [scheduled, dispatched, [51, ofCause('reported')], failed],
  ],
  [
    'legal-transition',
    'an attempt that runs had no message',
    [scheduled, dispatched, started, [52, ofCause('undeliverable')], failed],
  ],
  [
    'attempts-within-policy',
    'an attempt was sent that is not allowed',
    [
      [0, of.scheduled({ retry: { ...of.definition.retry, maxAttempts: 1 } })],
      ...[dispatched, started],
      [52, of.attemptFailed(1, t(53))],
      [53, of.dispatched(2, t(53))],
    ],
  ],
  ['lateness-limit', 'expired though it may be as late as it likes', [scheduled, expired(99)]],
  [
    'time-out-early',
    'timed out before its time',
    [scheduled, dispatched, started, failedFor('timed-out', 60), failed],
  ],
];

test.each(breaches)('%s: %s', (rule, _why, events) => {
  const { violations } = audited(history(JOB, events));
  const found = violations.filter((each) => each.rule === rule);
  expect(rulesIn(violations)).toContain(rule);
  expect(found[0]).toMatchObject({ subject: JOB });
  expect(found[0]?.events.at(-1)?.stream).toBe(`job-${JOB}`);
});

test('a breach is told once: what follows it lawfully breaks nothing more', () => {
  const { violations } = audited(
    history(JOB, [scheduled, [49, of.dispatched()], started, succeeded]),
  );
  expect(violations).toEqual([
    {
      rule: 'started-early',
      subject: JOB,
      message: `JobDispatched at ${toTimestamp(t(49))}, 1000 ms before the due time ${toTimestamp(t(50))}`,
      events: [
        { stream: `job-${JOB}`, revision: 0n, position: 128n, type: 'JobScheduled' },
        { stream: `job-${JOB}`, revision: 1n, position: 256n, type: 'JobDispatched' },
      ],
    },
  ]);
});

test.each<[why: string, events: readonly Timed[], message: string]>([
  ['was never scheduled', [dispatched], 'JobDispatched in a job that was never scheduled'],
  [
    'is at work',
    [scheduled, dispatched, started, dispatched],
    'JobDispatched in a job that is running',
  ],
  [
    'has failed and has no end yet',
    [scheduled, dispatched, started, [52, of.attemptFailed(1)], [53, of.started(2)]],
    'JobStarted in a job whose last attempt has failed',
  ],
  [
    'was sent once, and again as the third time',
    [scheduled, dispatched, redelivered(3)],
    'JobRedispatched with delivery 3 where 2 was to come',
  ],
  [
    'was sent for another attempt',
    [scheduled, [50, of.dispatched(2)]],
    'JobDispatched of attempt 2 where 1 was to come',
  ],
])('a breach says how the job stood: it %s', (_why, events, message) => {
  expect(audited(history(JOB, events)).violations.map((one) => one.message)).toContain(message);
});

test.each<[what: string, event: Timed]>([
  ['a dispatch', dispatched],
  ['a resend', redelivered(2)],
  ['a start', started],
  ['an expiry', expired(61)],
  ['the end of an attempt', [52, of.attemptFailed(1, t(60))]],
  ['a dead letter', failed],
])(
  'of a job that was never scheduled %s breaks one rule, not all that need to know more',
  (_what, event) => {
    expect(rulesIn(audited(history(JOB, [event])).violations)).toEqual(['legal-transition']);
  },
);

test('a resend of a job that waits for its due time is out of place, whatever its number', () => {
  expect(rulesIn(audited(history(JOB, [scheduled, redelivered(7)])).violations)).toEqual([
    'legal-transition',
  ]);
});

test('a revision that is missing or comes twice is a gap', () => {
  const events = history(JOB, [scheduled, dispatched, started, succeeded]);
  const [first, second, third, fourth] = events;
  if (!first || !second || !third || !fourth) throw new Error('four events were made');
  expect(rulesIn(audited([first, third, fourth]).violations)).toContain('revision-gap');
  expect(rulesIn(audited([first, second, second, third]).violations)).toContain('revision-gap');
  const { audit, violations } = audited([second, third]); // whoever sees its metadata says whether it is one
  expect(violations).toEqual([]);
  expect([...audit.lateBegins().values()]).toMatchObject([{ revision: 1n }]);
});

test.each<[string, { readonly type: string; readonly data: object }]>([
  ['a type that no job has', { type: 'JobTeleported', data: {} }],
  ['a due time that is none', { type: 'JobDispatched', data: { attempt: 1, dueAt: 'soon' } }],
  ['an attempt that is none', { type: 'JobStarted', data: { attempt: '1', executorId: 'x' } }],
])('%s makes an event unreadable, and the verification goes on', (_what, event) => {
  const events = [...history(JOB, [scheduled]), recorded(JOB, 1n, 256n, event, t(50))];
  const { violations, audit } = audited(events);
  expect(rulesIn(violations)).toEqual(['unreadable-event']);
  expect(audit.standing(`job-${JOB}`)).toMatchObject({ status: 'scheduled', revision: 1 });
});

describe('at the end', () => {
  const HOUR_MS = 3_600_000;
  const endOf = (events: readonly Timed[], second: number) => {
    const { audit, violations } = audited(history(JOB, events));
    audit.end(t(second), HOUR_MS);
    return rulesIn(violations);
  };

  test.each<[string, readonly Timed[], number]>([
    ['waits past its due time', [scheduled], 50],
    ['was sent and never starts', [scheduled, dispatched, redelivered(2)], 60],
    ['runs past its time limit', [scheduled, dispatched, started], 51 + 60],
    [
      'has a failed attempt and no end',
      [scheduled, dispatched, started, [52, of.attemptFailed(1)]],
      51 + 60,
    ],
  ])('a job that %s hangs after an hour, and not before', (_what, events, since) => {
    expect(endOf(events, since + 3_600)).toEqual([]);
    expect(endOf(events, since + 3_600.001)).toEqual(['missing-outcome']);
  });

  test('a job that has come to its end never hangs', () => {
    expect(endOf([scheduled, cancelled], 1e6)).toEqual([]);
  });

  test('what was scheduled is succeeded, cancelled or pending, by day and owner', () => {
    const { audit } = audited([
      ...history(testJobId(1), [scheduled, dispatched, started, succeeded]),
      ...history(testJobId(2), [scheduled, cancelled]),
      ...history(testJobId(3), [scheduled, dispatched]),
      ...history(testJobId(4), [[86_400, of.scheduled({ ownerId: 'bob' }, t(90_000))]]),
    ]);
    const none = { failed: 0, expired: 0, aborted: 0 };
    expect(audit.end(t(90_000), HOUR_MS * 100)).toMatchObject([
      {
        day: '2026-11-23',
        ownerId: 'ada',
        scheduled: 3,
        succeeded: 1,
        cancelled: 1,
        pending: 1,
        queued: 1,
        ...none,
      },
      {
        day: '2026-11-24',
        ownerId: 'bob',
        scheduled: 1,
        succeeded: 0,
        cancelled: 0,
        pending: 1,
        waiting: 1,
        ...none,
      },
    ]);
  });

  test('a job that was scheduled twice leaves a sum that does not add up', () => {
    expect(endOf([scheduled, scheduled], 1)).toEqual(['legal-transition', 'conservation']);
  });
});

test('what the domain decides breaks no rule, and folds to the same by the spec as by the code', () => {
  fc.assert(
    fc.property(histories, (events) => {
      const { audit, violations } = audited(events);
      expect(violations).toEqual([]);
      const states = new Map<string, JobState>();
      for (const event of events)
        states.set(
          event.stream,
          evolve(states.get(event.stream) ?? initial, decodeJobEvent(event)),
        );
      for (const [stream, state] of states) {
        expect(jobIdOf(stream)).toBeDefined();
        if (state.status === 'none') throw new Error('a job is never unscheduled');
        const trace = audit.standing(stream);
        expect(trace && shownStatus(trace.status)).toBe(state.status);
        expect(trace).toMatchObject({
          dueAt: state.dueAt,
          attempt: state.attempt,
          revision: Number(state.revision),
          dispatchedAt: state.dispatchedAt ?? Number.NaN,
          startedAt: state.startedAt ?? Number.NaN,
          finishedAt: state.finishedAt ?? Number.NaN,
          definition: definitionDigest(textsOf(state.definition)),
          result: digestOrNone(state.result === undefined ? null : JSON.stringify(state.result)),
          error: digestOrNone(state.error && JSON.stringify(state.error)),
          ...(state.status === 'queued' && { delivery: state.delivery }),
          ...(state.status === 'running' && { isAbortRequested: state.abortRequested }),
        });
      }
    }),
    { numRuns: 200 },
  );
});
