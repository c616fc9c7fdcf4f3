import fc from 'fast-check';
import type { JobCommand } from '../../../../domain/job/commands';
import { decide } from '../../../../domain/job/decide';
import type { JobFact } from '../../../../domain/job/events';
import { initial, type JobState } from '../../../../domain/job/state';
import { evolve } from '../../../../domain/job/evolve';
import { viewOf } from '../../../../domain/job/view';
import { definition, t } from '../../../support/jobs';
import { propertyRuns } from '../../../support/rounds';

const seconds = fc.integer({ min: 0, max: 200 }).map(t);
const attempt = fc.integer({ min: 1, max: 4 });
const revision = fc.bigInt({ min: 0n, max: 12n });
const executorId = fc.constantFrom('x1', 'x2');
const draw = fc.double({ min: 0, max: 0.999, noNaN: true });

/** A command at a time of its own, told revisions and attempts that may be stale. */
const anyCommand: fc.Arbitrary<JobCommand> = fc.oneof(
  fc.record({
    type: fc.constant('ScheduleJob' as const),
    at: seconds,
    dueAt: seconds,
    definition: fc.constant(definition),
  }),
  fc.record({ type: fc.constant('RescheduleJob' as const), at: seconds, dueAt: seconds }),
  fc.record({ type: fc.constant('RunJobNow' as const), at: seconds }),
  fc.record({ type: fc.constant('CancelJob' as const), at: seconds }),
  fc.record({ type: fc.constant('AbortJob' as const), at: seconds }),
  fc.record({ type: fc.constant('RedriveJob' as const), at: seconds }),
  fc.record({ type: fc.constant('DispatchJob' as const), at: seconds, attempt, dueAt: seconds }),
  fc.record({
    type: fc.constant('RedispatchJob' as const),
    at: seconds,
    attempt,
    delivery: attempt,
    maxDeliveries: fc.integer({ min: 1, max: 3 }),
    draw,
  }),
  fc.record({
    type: fc.constant('FailDelivery' as const),
    at: seconds,
    attempt,
    error: fc.constant({ code: 'message-too-large', message: 'too large' }),
    draw,
  }),
  fc.record({ type: fc.constant('ExpireJob' as const), at: seconds }),
  fc.record({ type: fc.constant('ClaimJob' as const), at: seconds, attempt, revision, executorId }),
  fc.record({
    type: fc.constant('ReportAttempt' as const),
    at: seconds,
    attempt,
    token: revision,
    draw,
    outcome: fc.constantFrom(
      { status: 'succeeded' } as const,
      { status: 'failed', error: { code: 'boom', message: 'é\u{1f600}' } } as const,
      { status: 'aborted' } as const,
    ),
  }),
  fc.record({
    type: fc.constant('TimeOutAttempt' as const),
    at: seconds,
    seenMs: fc.integer({ min: 0, max: 120_000 }),
    attempt,
    draw,
  }),
  fc.record({ type: fc.constant('LoseExecutor' as const), at: seconds, attempt, executorId, draw }),
  fc.record({
    type: fc.constant('LoseGrant' as const),
    at: seconds,
    attempt,
    executorId,
    startedAt: seconds,
    draw,
  }),
);

/** The three steps of an ordinary life come more often, so that histories get to their end. */
const command = fc.oneof(
  anyCommand,
  anyCommand.filter(({ type }) => ['DispatchJob', 'ClaimJob', 'ReportAttempt'].includes(type)),
);

type Step = {
  readonly command: JobCommand;
  readonly before: JobState;
  readonly facts: readonly JobFact[];
};

/** Makes the told numbers fit the state, so that most sequences get somewhere. */
const informed = (command: JobCommand, state: JobState): JobCommand => {
  if (state.status === 'scheduled' && command.type === 'DispatchJob')
    return {
      ...command,
      attempt: state.attempt,
      dueAt: state.dueAt,
      at: Math.max(command.at, state.dueAt),
    };
  if (state.status === 'queued' && command.type === 'ClaimJob')
    return {
      ...command,
      attempt: state.attempt,
      revision: state.dispatchedAtRevision,
      at: Math.max(command.at, state.dueAt),
    };
  if (state.status === 'running' && command.type === 'ReportAttempt')
    return { ...command, attempt: state.attempt, token: state.token };
  return command;
};

const run = (commands: readonly (readonly [JobCommand, boolean])[]): readonly Step[] => {
  const steps: Step[] = [];
  let state: JobState = initial;
  let next = 0n;
  for (const [raw, isInformed] of commands) {
    const command = isInformed ? informed(raw, state) : raw;
    const decision = decide(command, state);
    const events = decision.outcome === 'accepted' ? decision.events : [];
    const facts = events.map((event): JobFact => ({ ...event, at: command.at, revision: next++ }));
    steps.push({ command, before: state, facts });
    state = facts.reduce(evolve, state);
  }
  return steps;
};

const definitions = fc.constantFrom(
  definition,
  { ...definition, cutoffMs: 5_000 },
  { ...definition, maxLatenessMs: 3_000 },
  { ...definition, retry: { ...definition.retry, maxAttempts: 1 } },
);

const histories = fc
  .tuple(definitions, fc.array(fc.tuple(command, fc.boolean()), { minLength: 1, maxLength: 30 }))
  .map(([ownDefinition, commands]) =>
    // an ordinary start, so that chance does not have to find one
    run([
      [{ type: 'ScheduleJob', at: t(0), dueAt: t(5), definition: ownDefinition }, false],
      ...commands,
    ]),
  );

const always = (law: (steps: readonly Step[]) => void): void => {
  fc.assert(fc.property(histories, law), { seed: 20261123, numRuns: propertyRuns(3_000) });
};

const TERMINAL: readonly string[] = ['succeeded', 'cancelled', 'expired', 'aborted'];

const commandsThatMayRepeat: readonly string[] = [
  'RescheduleJob',
  'RunJobNow',
  'CancelJob',
  'AbortJob',
  'ClaimJob',
  'ReportAttempt',
  'ExpireJob',
];

test('a repeated command changes nothing', () => {
  always((steps) => {
    for (const { command, before, facts } of steps) {
      if (facts.length === 0 || !commandsThatMayRepeat.includes(command.type)) continue;
      const again = decide(command, facts.reduce(evolve, before));
      expect(again.outcome === 'accepted' ? again.events : []).toEqual([]);
    }
  });
});

test('terminal stays terminal: only a redrive leaves, and only from failed', () => {
  always((steps) => {
    for (const { before, facts } of steps) {
      if (TERMINAL.includes(before.status)) expect(facts).toEqual([]);
      if (before.status === 'failed' && facts.length > 0)
        expect(facts[0]?.type).toBe('JobRedriven');
    }
  });
});

test('no sequence of commands starts a cancelled job', () => {
  always((steps) => {
    const types = steps.flatMap(({ facts }) => facts.map(({ type }) => type));
    const cancelledAt = types.indexOf('JobCancelled');
    if (cancelledAt >= 0) expect(types.slice(cancelledAt + 1)).toEqual([]);
  });
});

test('nothing is dispatched or started before its due time', () => {
  always((steps) => {
    for (const { before, facts } of steps)
      for (const fact of facts)
        if (fact.type === 'JobDispatched' || fact.type === 'JobStarted')
          expect(before.status !== 'none' && fact.at >= before.dueAt).toBe(true);
  });
});

test('an attempt starts at most once, and attempts never pass the limit', () => {
  always((steps) => {
    const starts = steps.flatMap(({ facts }) => facts).filter(({ type }) => type === 'JobStarted');
    const redrives = steps
      .flatMap(({ facts }) => facts)
      .filter(({ type }) => type === 'JobRedriven').length;
    expect(starts.length).toBeLessThanOrEqual(definition.retry.maxAttempts * (redrives + 1));
  });
});

test('every event survives JSON, and the fold of what was read back is the same', () => {
  always((steps) => {
    const facts = steps.flatMap((step) => step.facts);
    const readBack = facts.map(({ at, revision, ...event }) => ({
      ...(JSON.parse(JSON.stringify(event)) as typeof event),
      at,
      revision,
    })) as JobFact[];
    expect(readBack).toEqual(facts);
    expect(readBack.reduce(evolve, initial)).toEqual(facts.reduce(evolve, initial));
  });
});

test('every reachable state has a view that survives JSON', () => {
  always((steps) => {
    const state = steps.flatMap((step) => step.facts).reduce(evolve, initial);
    if (state.status === 'none') return;
    const view = viewOf('job', state);
    expect(JSON.parse(JSON.stringify(view))).toEqual(view);
  });
});

test('the histories reach every status, so the laws above say something', () => {
  const seen = new Set<string>();
  always((steps) => {
    for (const { before } of steps) seen.add(before.status);
  });
  expect([...seen].sort()).toEqual([
    'aborted',
    'cancelled',
    'expired',
    'failed',
    'none',
    'queued',
    'running',
    'scheduled',
    'succeeded',
  ]);
});
