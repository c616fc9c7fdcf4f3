import { planSchedule, stopSchedule } from '../../../../commands/schedules/plan';
import { scheduleStream } from '../../../../domain/ids';
import { calendarsBy } from '../../../../domain/schedule/calendars';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { ada, benchOf, done, made } from '../../../support/schedule-bench';
import { at as time, definition, MINUTE } from '../../../support/schedules';

describe('the planner', () => {
  test('plans at the revision that it knows, once, and has nothing to do when all is decided', async () => {
    const bench = benchOf();
    const id = await made(bench);
    const before = await bench.knownNow(id);
    const planned = await bench.plan(id);
    expect(planned).toMatchObject({
      ...{ outcome: 'planned', revision: 1n, events: [{ type: 'OccurrencePlanned' }] },
      jobs: [{ scheduleId: id, occurrenceAt: time('10:10'), dueAt: time('10:10') }],
    });
    expect((await bench.events(id)).at(-1)?.metadata).toMatchObject({
      ...{ $correlationId: id, $causationId: `${scheduleStream(id)}@0` },
      actor: { kind: 'system', id: 'planner' },
    });
    expect(await bench.plan(id)).toEqual({ outcome: 'idle' });
    const planning = { scheduleId: id, schedule: before, lastRun: 'none' } as const;
    const found = calendarsBy(pinnedZones).of(definition.rule, before.ruleSince);
    if (!('calendar' in found)) throw new Error(found.problem);
    expect(await planSchedule(bench.deps, planning, found.calendar, MINUTE)).toEqual({
      outcome: 'stale',
    });
    expect(await bench.types(id)).toHaveLength(2);
  });

  test('plans nothing while a schedule is paused', async () => {
    const bench = benchOf();
    const id = await made(bench);
    done(await bench.commands.pause(id, undefined, ada));
    expect(await bench.plan(id)).toEqual({ outcome: 'idle' });
  });

  test('stops a schedule that cannot be computed, once', async () => {
    const bench = benchOf();
    const id = await made(bench);
    const stop = async () => {
      const schedule = await bench.knownNow(id);
      return await stopSchedule(
        bench.deps,
        { scheduleId: id, schedule, lastRun: 'none' },
        'no zone',
      );
    };
    expect(await stop()).toMatchObject({
      outcome: 'planned',
      events: [{ type: 'ScheduleStopped' }],
    });
    expect(await stop()).toEqual({ outcome: 'idle' });
  });
});
