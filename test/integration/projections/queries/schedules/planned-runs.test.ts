import { scheduleStream } from '../../../../../domain/ids';
import { calendarsBy } from '../../../../../domain/schedule/calendars';
import { schedule as decider } from '../../../../../domain/schedule/decide';
import type { ScheduleCommand } from '../../../../../domain/schedule/commands';
import type { ScheduleState } from '../../../../../domain/schedule/state';
import { toTimestamp } from '../../../../../domain/time';
import { uuids } from '../../../../../infra/ids';
import { pinnedZones } from '../../../../../infra/tzdata/pinned';
import { readModel } from '../../../../../projections/projections';
import {
  plannedRuns,
  type PlannedRunsQuery,
} from '../../../../../projections/queries/schedules/planned-runs';
import { announceProjected } from '../../../../../projections/writing/projected';
import { projectionWriter } from '../../../../../projections/writing/projection-writer';
import type { WriteSession } from '../../../../../projections/writing/write-session';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';
import { at, definition, HOUR, MINUTE } from '../../../../support/schedules';

const calendars = calendarsBy(pinnedZones);
const { signal } = new AbortController();

let model: TestReadModel;
let session: WriteSession;
let position = 0n;
beforeAll(async () => {
  model = await createReadModel();
  session = await model.openSession();
});
beforeEach(async () => {
  await model.clear();
  position = 0n;
});
afterAll(async () => {
  await session.close();
  await model.dispose();
});

/** A schedule of this rule, made at midnight; commands follow one another. */
const schedule = async (cron: string, ownerId = 'ada') => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const id = uuids.next();
  const rule = { ...definition.rule, timing: { cron } };
  const made = calendars.of(rule, at('00:00'));
  if ('problem' in made) throw new Error(made.problem);
  let state: ScheduleState = decider.initial;
  let revision = -1n;
  const ask = async (command: ScheduleCommand): Promise<void> => {
    const decision = decider.decide(command, state);
    if (decision.outcome === 'rejected') throw new Error(decision.rejection.code);
    const events = decision.events.map((event) => {
      revision += 1n;
      state = decider.evolve(state, { ...event, at: command.at, revision });
      return {
        ...{ id: uuids.next(), stream: scheduleStream(id), type: event.type, revision },
        data: JSON.parse(JSON.stringify(event.data)) as unknown,
        metadata: {
          ...{ at: toTimestamp(command.at), schemaVersion: 1 },
          actor: { kind: 'user', id: ownerId },
        },
        position: (position += 1n),
      };
    });
    await writer.apply(events, position);
  };
  await ask({
    ...{ type: 'CreateSchedule', at: at('00:00'), offsetMs: 0 },
    definition: { ...definition, ownerId, rule },
  });
  const jobIds = (occurrenceAt: number, of: bigint): string =>
    uuids.derive(id, String(occurrenceAt), String(of));
  return { ask, jobIds, calendar: made.calendar };
};

const hour = { step: 'minute', from: at('00:00'), to: at('01:00'), signal } as const;
const count = (query: Partial<PlannedRunsQuery> = {}) =>
  plannedRuns(model.db, calendars)({ ...hour, ...query });
const told = ({ buckets }: Awaited<ReturnType<typeof count>>): Readonly<Record<string, number>> =>
  Object.fromEntries(buckets.map(({ at: when, runs }) => [toTimestamp(when).slice(11, 16), runs]));

test('runs of all active schedules are counted by when they are due, within the window', async () => {
  await schedule('*/20 * * * *');
  await schedule('*/30 * * * *');
  const paused = await schedule('*/10 * * * *');
  await paused.ask({ type: 'PauseSchedule', at: at('00:00') });
  const found = await count();
  expect(found.isComplete).toBe(true);
  expect(told(found)).toEqual({ '00:20': 1, '00:30': 1, '00:40': 1 });
  expect(told(await count({ step: 'hour', to: at('00:00') + 2 * HOUR }))).toEqual({
    '00:00': 3,
    '01:00': 5,
  });
});

test('what has a job is not counted again; what was moved stands where it was moved to, what was cancelled nowhere', async () => {
  const { ask, jobIds, calendar } = await schedule('*/10 * * * *');
  await ask({
    ...{ type: 'PlanOccurrences', at: at('00:00'), calendar, jobIds, aheadMs: MINUTE },
    lastRun: 'none',
  }); // 00:10 is a job from now on
  await ask({ type: 'CancelOccurrence', at: at('00:01'), calendar, occurrenceAt: at('00:20') });
  expect(told(await count())).toEqual({ '00:30': 1, '00:40': 1, '00:50': 1 });
});

test("an owner is told of own schedules alone, an operator of everybody's", async () => {
  await schedule('15 * * * *', 'ada');
  await schedule('45 * * * *', 'bob');
  expect(told(await count({ ownerId: 'bob' }))).toEqual({ '00:45': 1 });
  expect(told(await count())).toEqual({ '00:15': 1, '00:45': 1 });
});

test('one that runs every second is counted up to a bound and says so; it takes nothing from the others', async () => {
  await schedule('15 * * * *', 'bob');
  await schedule('* * * * * *');
  const month = { step: 'hour', to: at('00:00') + 31 * 24 * HOUR } as const;
  const found = await count(month);
  expect(found.isComplete).toBe(false);
  expect(found.buckets.length).toBe(31 * 24); // bob's are there to the end
  const asked = new AbortController();
  const going = count({ ...month, signal: asked.signal });
  setImmediate(() => asked.abort(new Error('hung up')));
  await expect(going).rejects.toThrow('hung up');
});
