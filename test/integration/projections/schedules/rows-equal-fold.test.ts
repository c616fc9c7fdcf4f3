import fc from 'fast-check';
import type { RecordedEvent } from '../../../../domain/event-log';
import type { KnownSchedule } from '../../../../domain/schedule/state';
import { readModel } from '../../../../projections/projections';
import { knownSchedules } from '../../../../projections/queries/schedules/known-schedules';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { asks, recordedSchedule } from '../../../support/schedule-histories';

// the planner decides on rows, at the revision that they have: they must say what the stream says

let model: TestReadModel;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});

/** Without occurrences whose time has passed: they no longer matter, and stay a while. */
const comparable = (schedule: KnownSchedule | undefined, at: number): unknown =>
  schedule && {
    ...schedule,
    ahead: schedule.ahead
      .filter(({ dueAt, occurrenceAt }) => dueAt > at || occurrenceAt > schedule.decidedUntil)
      .toSorted((a, b) => a.occurrenceAt - b.occurrenceAt || a.dueAt - b.dueAt),
    exceptions: schedule.exceptions
      .filter(
        ({ dueAt, occurrenceAt }) => dueAt !== undefined || occurrenceAt > schedule.decidedUntil,
      )
      .toSorted((a, b) => a.occurrenceAt - b.occurrenceAt),
  };

test('rows say of every schedule what its stream says, however its events come in batches, and twice changes nothing', async () => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, readModel, announceProjected);
  let position = 0n;
  await fc.assert(
    fc.asyncProperty(
      fc.array(asks, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 30 }),
      async (all, size) => {
        const schedules = all.map((given) => recordedSchedule(given));
        const log: RecordedEvent[] = schedules
          .flatMap(({ events }) => events)
          .map((event) => ({ ...event, position: (position += 1n) }));
        for (let from = 0; from < log.length; from += size) {
          const batch = log.slice(from, from + size);
          await writer.apply(batch, batch.at(-1)?.position ?? position);
        }
        for (const repeat of [0, 1]) {
          if (repeat === 1) await writer.apply(log, (position += 1n));
          for (const { id, state, at } of schedules) {
            const known = await knownSchedules(model.db).find(id);
            const folded = state.status === 'none' ? undefined : state;
            expect(comparable(known, at)).toEqual(comparable(folded, at));
          }
        }
      },
    ),
    { numRuns: 60 },
  );
  expect(writer.parkedCount()).toBe(0);
  await session.close();
});
