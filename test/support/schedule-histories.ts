import fc from 'fast-check';
import type { RecordedEvent } from '../../domain/event-log';
import { scheduleStream } from '../../domain/ids';
import type { LastRun, ScheduleCommand } from '../../domain/schedule/commands';
import { schedule as decider } from '../../domain/schedule/decide';
import type { WhenMissed, WhenStillRunning } from '../../domain/schedule/definition';
import type { ScheduleState } from '../../domain/schedule/state';
import { toTimestamp } from '../../domain/time';
import { uuids } from '../../infra/ids';
import { definition, every, MINUTE } from './schedules';

const STEP = 10 * MINUTE;
/** Of every rule of these histories. */
export const calendar = every(STEP);
const START = Date.parse('2021-03-01T00:00:00Z');

type Ask = (at: number, of: { readonly id: string; readonly round: number }) => ScheduleCommand;

const jobIds =
  (id: string) =>
  (occurrenceAt: number, revision: bigint): string =>
    uuids.derive(id, String(occurrenceAt), String(revision));
const occurrenceNear = (at: number, steps: number): number =>
  (Math.floor(at / STEP) + steps) * STEP;

const whenMissed: readonly WhenMissed[] = [
  { policy: 'skip', afterMs: MINUTE },
  { policy: 'fire-once' },
  { policy: 'fire-all', limit: 3 },
];
const stillRunning: readonly WhenStillRunning[] = ['allow', 'skip', 'buffer-one', 'cancel-other'];

const plan = fc.constantFrom<'open' | 'ended'>('open', 'ended').map((last): Ask => (at, { id }) => {
  const lastRun: LastRun = last === 'open' ? 'open' : { endedAt: at - 7 * MINUTE };
  return { type: 'PlanOccurrences', at, calendar, jobIds: jobIds(id), aheadMs: MINUTE, lastRun };
});
const change = fc
  .record({
    name: fc.constantFrom('a', 'b'),
    timeZone: fc.constantFrom('UTC', 'UTC', 'UTC', 'Europe/Berlin'),
    spread: fc.constantFrom(0, 2 * MINUTE),
    whenMissed: fc.constantFrom(...whenMissed),
    whenStillRunning: fc.constantFrom(...stillRunning),
  })
  .map(({ name, timeZone, spread, ...policies }): Ask => (at) => ({
    type: 'ChangeSchedule',
    at,
    calendar,
    offsetMs: spread,
    definition: {
      ...definition,
      ...policies,
      name,
      spreadMs: spread,
      rule: { ...definition.rule, timeZone },
    },
  }));
const move = fc
  .record({ steps: fc.integer({ min: 0, max: 4 }), by: fc.integer({ min: -1, max: 9 }) })
  .map(({ steps, by }): Ask => (at, { id }) => ({
    type: 'MoveOccurrence',
    at,
    calendar,
    jobIds: jobIds(id),
    occurrenceAt: occurrenceNear(at, steps),
    dueAt: occurrenceNear(at, steps) + by * 4 * MINUTE,
  }));
const cancel = fc.integer({ min: 0, max: 4 }).map((steps): Ask => (at) => ({
  type: 'CancelOccurrence',
  at,
  calendar,
  occurrenceAt: occurrenceNear(at, steps),
}));
const pause: Ask = (at) => ({ type: 'PauseSchedule', at, note: 'books' });
const resume: Ask = (at) => ({ type: 'ResumeSchedule', at, calendar });
const others = fc.constantFrom<Ask>(
  pause,
  resume,
  resume,
  (at) => ({ type: 'StopSchedule', at, problem: 'no zone' }),
  (at, { id }) => ({ type: 'TriggerSchedule', at, jobIds: jobIds(id) }),
  (at, { id }) => ({
    type: 'BackfillSchedule',
    at,
    from: at - 3 * STEP,
    to: at,
    calendar,
    jobIds: jobIds(id),
  }),
);
const remove: Ask = (at) => ({ type: 'DeleteSchedule', at, calendar });

type Asked = { readonly ask: Ask; readonly afterMs: number };

/** An occurrence is moved, maybe into a pause that comes then: by chance alone that is rare. */
const movedAndPaused = fc
  .record({ ask: move, pausedMs: fc.integer({ min: 1, max: 40 * MINUTE }) })
  .map(({ ask, pausedMs }): readonly Asked[] => [
    { ask, afterMs: MINUTE },
    { ask: pause, afterMs: MINUTE },
    { ask: resume, afterMs: pausedMs },
  ]);

const alone = fc
  .record({
    ask: fc.oneof(
      { weight: 6, arbitrary: plan },
      { weight: 2, arbitrary: change },
      { weight: 4, arbitrary: move },
      { weight: 2, arbitrary: cancel },
      { weight: 3, arbitrary: others },
      { weight: 1, arbitrary: fc.constant(remove) },
    ),
    afterMs: fc.integer({ min: 1, max: 12 * MINUTE }),
  })
  .map((asked): readonly Asked[] => [asked]);

/** What users and the planner may ask of one schedule, one after another. */
export const asks = fc
  .array(fc.oneof({ weight: 12, arbitrary: alone }, { weight: 1, arbitrary: movedAndPaused }), {
    maxLength: 22,
  })
  .map((all) => all.flat());

export type RecordedSchedule = {
  readonly id: string;
  readonly state: ScheduleState;
  readonly at: number;
  readonly events: readonly Omit<RecordedEvent, 'position'>[];
};

/** What all those commands record, as far as they are allowed. */
export const recordedSchedule = (given: readonly Asked[]): RecordedSchedule => {
  const id = uuids.next();
  const events: Omit<RecordedEvent, 'position'>[] = [];
  let state: ScheduleState = decider.initial;
  let at = START;
  const take = (command: ScheduleCommand): void => {
    const decision = decider.decide(command, state);
    if (decision.outcome === 'rejected') return;
    for (const event of decision.events) {
      const revision = BigInt(events.length);
      state = decider.evolve(state, { ...event, at, revision });
      events.push({
        id: uuids.next(),
        stream: scheduleStream(id),
        type: event.type,
        data: JSON.parse(JSON.stringify(event.data)),
        metadata: { at: toTimestamp(at), schemaVersion: 1, actor: { kind: 'user', id: 'ada' } },
        revision,
      });
    }
  };
  take({ type: 'CreateSchedule', at, definition, offsetMs: 0 });
  for (const [round, { ask, afterMs }] of given.entries()) {
    at += afterMs;
    take(ask(at, { id, round }));
  }
  return { id, state, at, events };
};
