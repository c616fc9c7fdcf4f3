import { uuids } from '../../../../../infra/ids';
import { scheduleStream } from '../../../../../domain/ids';
import type { ScheduleCommand } from '../../../../../domain/schedule/commands';
import { schedule as decider } from '../../../../../domain/schedule/decide';
import type { KnownSchedule, ScheduleState } from '../../../../../domain/schedule/state';
import { toTimestamp } from '../../../../../domain/time';
import { readModel } from '../../../../../projections/projections';
import { knownSchedules } from '../../../../../projections/queries/schedules/known-schedules';
import type { Calendar } from '../../../../../domain/schedule/calendar';
import type {
  JobThen,
  ListedOccurrence,
  OccurrenceKey,
  OccurrencesThen,
  OccurrenceWindow,
} from '../../../../../projections/queries/schedules/listed-occurrence';
import { scheduleOccurrences } from '../../../../../projections/queries/schedules/occurrences';
import { announceProjected } from '../../../../../projections/writing/projected';
import { projectionWriter } from '../../../../../projections/writing/projection-writer';
import type { WriteSession } from '../../../../../projections/writing/write-session';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';
import { at, definition, every, MINUTE } from '../../../../support/schedules';

// what a user is told of the occurrences of a schedule: each once, whatever happened to it

const calendar = every(10 * MINUTE);

let model: TestReadModel;
let session: WriteSession;
let position = 0n;
beforeAll(async () => {
  model = await createReadModel();
  session = await model.openSession();
});
afterAll(async () => {
  await session.close();
  await model.dispose();
});

type Moment = { readonly schedule: KnownSchedule; readonly then: OccurrencesThen };

/** A schedule of which each command's events are projected at once. */
const bench = async () => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const id = uuids.next();
  const jobIds = (occurrenceAt: number, revision: bigint): string =>
    uuids.derive(id, String(occurrenceAt), String(revision));
  let state: ScheduleState = decider.initial;
  let revision = -1n;
  let askedAt = 0;
  const ask = async (command: ScheduleCommand): Promise<void> => {
    askedAt = command.at;
    const decision = decider.decide(command, state);
    if (decision.outcome === 'rejected') throw new Error(decision.rejection.code);
    const events = decision.events.map((event) => {
      revision += 1n;
      state = decider.evolve(state, { ...event, at: command.at, revision });
      return {
        ...{ id: uuids.next(), stream: scheduleStream(id), type: event.type, revision },
        data: JSON.parse(JSON.stringify(event.data)) as unknown,
        metadata: {
          at: toTimestamp(command.at),
          schemaVersion: 1,
          actor: { kind: 'user', id: 'ada' },
        },
        position: (position += 1n),
      };
    });
    await writer.apply(events, position);
  };
  const plan = (when: string) =>
    ask({
      type: 'PlanOccurrences',
      at: at(when),
      calendar,
      jobIds,
      aheadMs: MINUTE,
      lastRun: 'none',
    });
  await ask({ type: 'CreateSchedule', at: at('00:00'), definition, offsetMs: 0 });
  const known = async (): Promise<KnownSchedule> => {
    const found = await knownSchedules(model.db).find(id);
    if (!found) throw new Error('it is not there');
    return found;
  };
  return {
    ask,
    plan,
    jobIds,
    /** The job of an occurrence as it came to be. */
    job: async (when: string, status: string): Promise<void> => {
      await model.db.raw(
        `insert into jobs (job_id, revision, position, due_at, scheduled_at, timeout_ms, cutoff_ms, attempt,
           abort_requested, status, owner_id, name, location, queue, tags, retry)
         select job_id, 0, 0, due_at, planned_at, 0, 0, 1, false, ?, 'ada', 'report', 'print:', 'default', '{}', '{}'
         from schedule_occurrences where schedule_id = ? and occurrence_at = ?`,
        [status, id, toTimestamp(at(when))],
      );
    },
    /** How the schedule and its jobs stand now, to be asked for later. */
    moment: async (): Promise<Moment> => {
      if (state.status === 'none') throw new Error('there is no schedule yet');
      const { rows } = await model.db.raw<{ rows: readonly (JobThen & { job_id: string })[] }>(
        `select job_id, status from jobs
         where job_id in (select job_id from schedule_occurrences where schedule_id = ?)`,
        [id],
      );
      const jobs = new Map(rows.map(({ job_id, status }) => [job_id, { status }]));
      const jobOf = (jobId: string) => Promise.resolve(jobs.get(jobId));
      return { schedule: state, then: { at: askedAt, jobOf } };
    },
    list: async (
      window: OccurrenceWindow,
      limit = 200,
      by: Calendar = calendar,
      moment?: Moment,
    ): Promise<readonly ListedOccurrence[]> => {
      const items: ListedOccurrence[] = [];
      let after: OccurrenceKey | undefined;
      do {
        const page = await scheduleOccurrences(model.db)({
          ...{ scheduleId: id, schedule: await known(), calendar: by, window, limit },
          ...moment,
          ...(after && { after }),
        });
        expect(page.items.length).toBeLessThanOrEqual(limit);
        items.push(...page.items);
        after = page.next;
      } while (after);
      return items;
    },
  };
};

const clockOf = (instant: number): string => toTimestamp(instant).slice(11, 16);

/** `00:10 done`, `00:30..00:40 skipped missed x2`, `01:10>01:15 planned`. */
const told = (items: readonly ListedOccurrence[]): readonly string[] =>
  items.map(({ occurrenceAt, dueAt, status, reason, range, origin }) => {
    const due = dueAt === undefined || dueAt === occurrenceAt ? '' : `>${clockOf(dueAt)}`;
    const until = range ? `..${clockOf(range.lastAt)}` : '';
    const many = range ? `x${range.count}` : '';
    const extra = origin === 'trigger' || origin === 'backfill' ? origin : '';
    return [`${clockOf(occurrenceAt)}${until}${due}`, status, reason, many, extra]
      .filter((part) => part !== undefined && part !== '')
      .join(' ');
  });

test.each([200, 3, 1])(
  'each occurrence is told once with what became of it, and what is to come follows from the rule: %d at a time',
  async (limit) => {
    const { ask, plan, job, jobIds, list } = await bench();
    await plan('00:00');
    await plan('00:10:30');
    await plan('00:52'); // nobody planned meanwhile
    await ask({
      ...{ type: 'MoveOccurrence', at: at('00:53'), calendar, jobIds },
      ...{ occurrenceAt: at('01:10'), dueAt: at('01:15') },
    });
    await ask({ type: 'CancelOccurrence', at: at('00:54'), calendar, occurrenceAt: at('01:20') });
    await ask({ type: 'TriggerSchedule', at: at('00:55'), jobIds });
    await job('00:10', 'succeeded');
    await job('00:20', 'running');
    await job('00:50', 'expired');
    expect(told(await list({ from: at('00:05'), to: at('01:40') }, limit))).toEqual([
      '00:10 done',
      '00:20 running',
      '00:30..00:40 skipped missed x2',
      '00:50>00:52 skipped missed',
      '00:55 planned trigger',
      '01:00 planned',
      '01:10>01:15 planned',
      '01:20 skipped cancelled',
      '01:30 planned',
      '01:40 planned',
    ]);
    // a range is told also where only a part of it lies in the window
    expect(told(await list({ from: at('00:40'), to: at('00:45') }, limit))).toHaveLength(1);
    expect(told(await list({ from: at('00:25'), to: at('00:35') }, limit))).toHaveLength(1);
    expect(told(await list({ from: at('00:41'), to: at('00:45') }, limit))).toEqual([]);
  },
);

test('what a pause took back is told when it is decided, by the range that skipped it, and not before', async () => {
  const { ask, plan, job, list } = await bench();
  await plan('00:00');
  await ask({ type: 'PauseSchedule', at: at('00:05') });
  await job('00:10', 'cancelled');
  expect(told(await list({ to: at('00:40') }))).toEqual([]);
  await ask({ type: 'ResumeSchedule', at: at('00:35'), calendar });
  expect(told(await list({ to: at('00:40') }))).toEqual([
    '00:10..00:30 skipped paused x3',
    '00:40 planned',
  ]);
});

test('what a changed rule took back is told as that, unless the new rule has it too', async () => {
  const { ask, plan, job, list } = await bench();
  await plan('00:00');
  await job('00:10', 'cancelled');
  const quarters = every(15 * MINUTE);
  await ask({
    ...{ type: 'ChangeSchedule', at: at('00:05'), calendar, offsetMs: 0 },
    definition: { ...definition, rule: { ...definition.rule, timing: { cron: '*/15 * * * *' } } },
  });
  const window = { to: at('00:30') };
  expect(told(await list(window, 200, quarters))).toEqual([
    '00:10 skipped changed',
    '00:15 planned',
    '00:30 planned',
  ]);
  expect(told(await list(window, 200, calendar))[0]).toBe('00:10 planned');
  await ask({ type: 'DeleteSchedule', at: at('00:06'), calendar: quarters });
  expect(told(await list(window, 200, quarters))).toEqual(['00:10 skipped changed']);
});

test.each([200, 3, 1])(
  'as it stood then: whatever was planned, moved, cancelled, paused, changed or run since, each moment is told as it was told at that time, %d at a time',
  async (limit) => {
    const { ask, plan, job, jobIds, list, moment } = await bench();
    const window = { from: at('00:05'), to: at('02:00') };
    const moments: {
      readonly what: string;
      readonly moment: Moment;
      readonly by: Calendar;
      readonly heard: readonly string[];
    }[] = [];
    const remember = async (what: string, by = calendar): Promise<void> => {
      const heard = told(await list(window, limit, by));
      moments.push({ what, moment: await moment(), by, heard });
    };
    const move = (occurrenceAt: string, dueAt: string, when: string) =>
      ask({
        ...{ type: 'MoveOccurrence', at: at(when), calendar, jobIds },
        ...{ occurrenceAt: at(occurrenceAt), dueAt: at(dueAt) },
      });
    await remember('made');
    await plan('00:00');
    await job('00:10', 'scheduled');
    await remember('planned');
    await move('00:10', '00:12', '00:02');
    await remember('moved, its job with it');
    await move('00:10', '00:14', '00:03');
    await remember('moved once more');
    await model.db.raw(`update jobs set status = 'running' where status = 'scheduled'`);
    await remember('running');
    await model.db.raw(`update jobs set status = 'succeeded' where status = 'running'`);
    await move('01:10', '01:15', '00:20');
    await ask({ type: 'CancelOccurrence', at: at('00:21'), calendar, occurrenceAt: at('01:20') });
    await remember('one to come was moved, another one cancelled');
    await plan('00:52'); // nobody planned meanwhile
    await remember('some were missed');
    await ask({ type: 'TriggerSchedule', at: at('00:55'), jobIds });
    await remember('triggered');
    await plan('00:59:30');
    await job('01:00', 'scheduled');
    await remember('planned again');
    await ask({ type: 'PauseSchedule', at: at('00:59:40') });
    await model.db.raw(`update jobs set status = 'cancelled' where status = 'scheduled'`);
    await remember('paused');
    await ask({ type: 'ResumeSchedule', at: at('01:06'), calendar });
    await remember('resumed');
    const quarters = every(15 * MINUTE);
    await ask({
      ...{ type: 'ChangeSchedule', at: at('01:07'), calendar, offsetMs: 0 },
      definition: { ...definition, rule: { ...definition.rule, timing: { cron: '*/15 * * * *' } } },
    });
    await remember('changed', quarters);
    await ask({ type: 'DeleteSchedule', at: at('01:08'), calendar: quarters });
    await remember('deleted', quarters);
    for (const { what, moment: then, by, heard } of moments)
      expect([what, ...told(await list(window, limit, by, then))]).toEqual([what, ...heard]);
    expect(new Set(moments.map(({ heard }) => heard.join())).size).toBeGreaterThan(8);
  },
);
