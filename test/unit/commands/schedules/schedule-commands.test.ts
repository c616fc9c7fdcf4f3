import type { CommandContext } from '../../../../commands/answers';
import { jobCommands } from '../../../../commands/job-commands';
import { planSchedule, stopSchedule } from '../../../../commands/schedules/plan';
import type {
  ScheduleAccepted,
  ScheduleAnswer,
} from '../../../../commands/schedules/schedule-answers';
import { scheduleCommands } from '../../../../commands/schedules/schedule-commands';
import { scheduleHistory } from '../../../../commands/schedules/schedule-history';
import { makeJob, withdrawJob } from '../../../../commands/schedules/schedule-jobs';
import { loadSchedule, ScheduleUnreadable } from '../../../../commands/schedules/schedule-stream';
import {
  EventLogUnavailable,
  StreamContended,
  StreamGone,
  type EventLog,
} from '../../../../domain/event-log';
import { EventTooNew } from '../../../../domain/events/upcast';
import { jobStream, scheduleStream } from '../../../../domain/ids';
import { calendarsBy, type Calendars } from '../../../../domain/schedule/calendars';
import type { KnownSchedule } from '../../../../domain/schedule/state';
import { uuids } from '../../../../infra/ids';
import { memoryEventLog } from '../../../../infra/memory/event-log';
import { pinnedZones } from '../../../../infra/tzdata/pinned';
import { as, keyed } from '../../../support/command-bench';
import { newEvent } from '../../../support/new-event';
import { at as time, definition, MINUTE } from '../../../support/schedules';

const NOBODYS = '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6009';
const { ownerId: _owner, ...asked } = definition; // each ten minutes
const operator: CommandContext = {
  ...{ actor: { kind: 'operator', id: 'olga' }, correlationId: 'request-2' },
};
const ada = as('ada');

type Given = {
  readonly wrap?: (log: EventLog) => EventLog;
  readonly calendars?: Calendars;
};

/** Commands over a log in memory at 10:05; what the read model knows is what a test says. */
const benchOf = ({ wrap = (log) => log, calendars = calendarsBy(pinnedZones) }: Given = {}) => {
  const now = { at: time('10:05') };
  const memory = memoryEventLog().log;
  const remembered = new Map<string, KnownSchedule>();
  const known = { find: (id: string) => Promise.resolve(remembered.get(id)) };
  const deps = { log: wrap(memory), clock: { now: () => now.at }, ids: uuids };
  const commands = scheduleCommands({ ...deps, known, calendars, jobs: jobCommands(deps) });
  const events = (id: string) => memory.read(scheduleStream(id));
  const knownNow = async (id: string) => {
    const { state } = await loadSchedule(memory, known, id);
    if (state.status === 'none') throw new Error(`there is no ${id}`);
    return state;
  };
  return {
    ...{ now, memory, remembered, known, deps, commands, events, knownNow },
    types: async (id: string) => (await events(id)).map(({ type }) => type),
    job: async (id: string) => await memory.read(jobStream(id)),
    jobTypes: async (id: string) => (await memory.read(jobStream(id))).map(({ type }) => type),
    /** What the planner does, so far ahead. */
    plan: async (id: string, aheadMs = MINUTE) => {
      const schedule = await knownNow(id);
      const made = calendars.of(schedule.definition.rule, schedule.ruleSince);
      if (!('calendar' in made)) throw new Error(made.problem);
      const planning = { scheduleId: id, schedule, lastRun: 'none' } as const;
      return await planSchedule(deps, planning, made.calendar, aheadMs);
    },
  };
};
type Bench = ReturnType<typeof benchOf>;

const done = (answer: ScheduleAnswer | undefined): ScheduleAccepted => {
  if (answer?.outcome !== 'accepted') throw new Error(JSON.stringify(answer));
  return answer;
};
const refused = (code: string) => ({ outcome: 'rejected', rejection: { code } });
const made = async (bench: Bench, more: Partial<typeof asked> = {}) =>
  done(await bench.commands.create({ ...asked, ...more }, ada)).scheduleId;

test('a schedule that is made says whose it is, and where in the log to wait for it', async () => {
  const bench = benchOf();
  const answer = done(await bench.commands.create(asked, ada));
  const [event] = await bench.events(answer.scheduleId);
  expect(answer).toMatchObject({
    ...{ revision: 0n, position: event?.position, isReplay: false, jobIds: [] },
    schedule: { status: 'active', definition: { ...asked, ownerId: 'ada' }, offsetMs: 0 },
  });
});

describe('the same key', () => {
  test('with the same request is the same schedule as it stands now', async () => {
    const { commands, types } = benchOf();
    const context = as('ada', keyed('k'));
    const first = done(await commands.create(asked, context));
    done(await commands.pause(first.scheduleId, undefined, ada));
    const again = done(await commands.create(asked, context));
    expect(again).toMatchObject({
      ...{ scheduleId: first.scheduleId, isReplay: true, position: first.position },
      schedule: { status: 'paused' },
    });
    expect(await commands.createdBefore(context)).toEqual(again);
    expect(await types(first.scheduleId)).toEqual(['ScheduleCreated', 'SchedulePaused']);
  });

  test('with another request is refused, here and for another schedule', async () => {
    const bench = benchOf();
    const { commands } = bench;
    await commands.create(asked, as('ada', keyed('k')));
    const other = as('ada', keyed('k', 'another body'));
    expect(await commands.create(asked, other)).toEqual(refused('idempotency-key-reused'));
    expect(await commands.createdBefore(other)).toEqual(refused('idempotency-key-reused'));
    const [one, two] = [await made(bench), await made(bench)];
    const used = (body: string) => as('ada', keyed('x', body));
    done(await commands.pause(one, undefined, used('one')));
    expect(await commands.pause(two, undefined, used('two'))).toEqual(
      refused('idempotency-key-reused'),
    );
  });

  test('is no earlier answer where there is none: without a key, or with a new one', async () => {
    const { commands } = benchOf();
    done(await commands.create(asked, ada));
    expect(await commands.createdBefore(ada)).toBeUndefined();
    expect(await commands.createdBefore(as('ada', keyed('new')))).toBeUndefined();
    const ids = new Set<string>();
    for (const context of [as('ada', keyed('k')), as('bob', keyed('k')), ada, ada])
      ids.add(done(await commands.create(asked, context)).scheduleId);
    expect(ids.size).toBe(4);
  });

  test('of a trigger names the run that it made then, and makes no other', async () => {
    const bench = benchOf();
    const id = await made(bench);
    const context = as('ada', keyed('now'));
    const first = done(await bench.commands.trigger(id, 'please', context));
    expect(first.jobIds).toHaveLength(1);
    expect(await bench.jobTypes(first.jobIds[0] ?? '')).toEqual(['JobScheduled']);
    done(await bench.commands.pause(id, undefined, ada));
    expect(done(await bench.commands.trigger(id, 'please', context))).toMatchObject({
      ...{ isReplay: true, jobIds: first.jobIds, position: first.position },
    });
    expect(await bench.types(id)).toHaveLength(3);
  });
});

test('each change is made at the revision that was looked at, or not at all', async () => {
  const bench = benchOf();
  const id = await made(bench);
  expect(await bench.commands.pause(id, undefined, as('ada', { ifMatch: 3n }))).toEqual({
    ...{ outcome: 'rejected', rejection: { code: 'revision-mismatch', revision: 0n } },
  });
  done(await bench.commands.pause(id, undefined, as('ada', { ifMatch: 0n })));
});

test('a schedule of somebody else is none for a user, and one like all for an operator, whose it does not become', async () => {
  const bench = benchOf();
  const { commands } = bench;
  const id = await made(bench);
  for (const one of [id, NOBODYS]) {
    expect(await commands.load(one, as('bob'))).toEqual({ status: 'none' });
    expect(await commands.pause(one, undefined, as('bob'))).toEqual(refused('schedule-not-found'));
    expect(await commands.resume(one, undefined, as('bob'))).toEqual(refused('schedule-not-found'));
  }
  const changed = done(await commands.change(id, { ...asked, name: 'other' }, operator));
  expect(changed.schedule.definition).toMatchObject({ name: 'other', ownerId: 'ada' });
  expect(await commands.load(id, ada)).toMatchObject({ status: 'active', revision: 1n });
});

test('a pause keeps its note, a resume drops it, and what is so already records nothing', async () => {
  const bench = benchOf();
  const { commands, events, types } = bench;
  const id = await made(bench);
  const paused = done(await commands.pause(id, 'books', ada));
  expect((await events(id)).at(-1)?.data).toEqual({ note: 'books' });
  const again = done(await commands.pause(id, 'books', ada));
  expect(again).toMatchObject({ position: paused.position, isReplay: false, jobIds: [] });
  const resumed = done(await commands.resume(id, undefined, ada));
  expect(resumed.schedule).toMatchObject({ status: 'active' });
  expect((await events(id)).at(-1)?.data).toEqual({});
  expect(await types(id)).toEqual(['ScheduleCreated', 'SchedulePaused', 'ScheduleResumed']);
});

test('a deletion is the end, and keeps what it was asked with', async () => {
  const bench = benchOf();
  const { commands } = bench;
  const id = await made(bench);
  bench.now.at = time('10:25'); // two occurrences have passed without a look
  done(await commands.remove(id, 'enough', ada));
  expect(await bench.types(id)).toEqual([
    ...['ScheduleCreated', 'OccurrencesSkipped', 'ScheduleDeleted'],
  ]);
  expect(await commands.trigger(id, undefined, ada)).toMatchObject({ outcome: 'rejected' });
});

test('another rule says first what becomes of the occurrences of the one before', async () => {
  const bench = benchOf();
  const id = await made(bench);
  bench.now.at = time('10:25');
  const rule = { timing: { cron: '0 0 * * *' }, timeZone: 'UTC' };
  done(await bench.commands.change(id, { ...asked, rule }, ada));
  expect(await bench.types(id)).toEqual([
    ...['ScheduleCreated', 'OccurrencesSkipped', 'ScheduleChanged'],
  ]);
});

test('a run is triggered at once, without an occurrence, as the schedule has it', async () => {
  const bench = benchOf();
  const id = await made(bench, { job: { ...asked.job, maxLatenessMs: 7_000 } });
  const { jobIds } = done(await bench.commands.trigger(id, 'please', ada));
  const [job] = await bench.job(jobIds[0] ?? '');
  expect(job).toMatchObject({
    data: {
      ...{ ownerId: 'ada', name: 'report', scheduleId: id, maxLatenessMs: 7_000 },
      dueAt: '2026-12-07T10:05:00.000Z',
    },
    metadata: {
      ...{ $causationId: `schedule-${id}`, actor: { kind: 'system', id: 'planner' } },
    },
  });
  expect(job?.data).not.toHaveProperty('occurrenceAt');
  expect((await bench.events(id)).at(-1)?.data).toMatchObject({ note: 'please' });
});

test('what was missed is made up for, each with a job of its own and one after the other', async () => {
  const bench = benchOf();
  const id = await made(bench);
  const { jobIds } = done(await bench.commands.backfill(id, time('09:15'), time('09:45'), ada));
  const jobs = await Promise.all(jobIds.map(async (jobId) => (await bench.job(jobId))[0]?.data));
  expect(jobs).toMatchObject([
    { occurrenceAt: '2026-12-07T09:20:00.000Z', dueAt: '2026-12-07T10:05:00.000Z' },
    { occurrenceAt: '2026-12-07T09:30:00.000Z', dueAt: '2026-12-07T10:05:00.001Z' },
    { occurrenceAt: '2026-12-07T09:40:00.000Z', dueAt: '2026-12-07T10:05:00.002Z' },
  ]);
  const [last] = (await bench.events(id)).slice(-1);
  expect(last?.type).toBe('OccurrencesBackfilled');
});

describe('one occurrence', () => {
  test('is moved, by the time of the rule or by where its run is shown; its job goes with it', async () => {
    const bench = benchOf();
    const { commands } = bench;
    const id = await made(bench);
    const move = async (from: string, to: string) => {
      done(await commands.moveOccurrence(id, time(from), time(to), 'later', ada));
      return (await bench.events(id)).at(-1)?.data;
    };
    const first = await move('10:20', '10:42');
    expect(first).toMatchObject({
      occurrenceAt: '2026-12-07T10:20:00.000Z',
      dueAt: '2026-12-07T10:42:00.000Z',
      note: 'later',
    });
    expect(await move('10:42', '10:44')).toMatchObject({
      occurrenceAt: '2026-12-07T10:20:00.000Z',
      dueAt: '2026-12-07T10:44:00.000Z',
    });
    const { jobId = '' } = first as { readonly jobId?: string };
    expect(await bench.jobTypes(jobId)).toEqual(['JobScheduled', 'JobRescheduled']);
  });

  test('that is neither of the rule nor shown anywhere is none', async () => {
    const bench = benchOf();
    const id = await made(bench);
    const { commands } = bench;
    expect(await commands.moveOccurrence(id, time('10:21'), time('10:42'), undefined, ada)).toEqual(
      refused('occurrence-unknown'),
    );
    expect(await commands.cancelOccurrence(id, time('10:21'), undefined, ada)).toEqual(
      refused('occurrence-unknown'),
    );
  });

  test('is cancelled before and after it is planned, and then does not run', async () => {
    const bench = benchOf();
    const { commands } = bench;
    const id = await made(bench);
    done(await commands.cancelOccurrence(id, time('10:20'), 'holiday', ada));
    expect((await bench.events(id)).at(-1)).toMatchObject({
      ...{ type: 'OccurrenceCancelled', data: { note: 'holiday' } },
    });
    const planned = await bench.plan(id);
    const [job] = planned.outcome === 'planned' ? planned.jobs : [];
    if (!job) throw new Error('10:10 is planned');
    done(await commands.cancelOccurrence(id, time('10:10'), undefined, ada));
    expect(await bench.jobTypes(job.jobId)).toEqual(['JobScheduled', 'JobCancelled']);
    expect((await bench.job(job.jobId)).at(-1)?.metadata).toMatchObject({
      actor: { kind: 'user', id: 'ada' },
    });
  });

  test('that runs already is neither cancelled nor moved: its job has the last word, and the schedule stays as it is', async () => {
    const bench = benchOf();
    const { commands } = bench;
    const id = await made(bench);
    const planned = await bench.plan(id);
    const [job] = planned.outcome === 'planned' ? planned.jobs : [];
    if (!job) throw new Error('10:10 is planned');
    await makeJob(bench.deps, job);
    const dispatched = { attempt: 1, dueAt: '2026-12-07T10:10:00.000Z' };
    await bench.memory.append(
      jobStream(job.jobId),
      [
        newEvent(dispatched, 'JobDispatched'),
        newEvent({ attempt: 1, executorId: 'x1' }, 'JobStarted'),
      ],
      0n,
    );
    const [from, to] = [time('10:10'), time('10:42')];
    expect(await commands.cancelOccurrence(id, from, undefined, ada)).toEqual(
      refused('job-running'),
    );
    expect(await commands.moveOccurrence(id, from, to, undefined, ada)).toEqual(
      refused('job-running'),
    );
    expect(await bench.types(id)).toHaveLength(2);
  });

  test('is changed at the revision of the schedule and with its key, which are none of the job’s', async () => {
    const bench = benchOf();
    const id = await made(bench);
    await bench.plan(id);
    const context = as('ada', { ...keyed('k'), ifMatch: 1n });
    done(await bench.commands.cancelOccurrence(id, time('10:10'), undefined, context));
    const again = await bench.commands.cancelOccurrence(id, time('10:10'), undefined, context);
    expect(again).toMatchObject({ isReplay: true });
    expect(await bench.types(id)).toHaveLength(3);
  });
});

test('a rule that cannot be computed any more refuses what needs it, and nothing else', async () => {
  const bench = benchOf({ calendars: { of: () => ({ problem: 'no zone' }) } });
  const id = await made(bench);
  const { commands } = bench;
  const answer = {
    outcome: 'rejected',
    rejection: { code: 'schedule-stopped', problem: 'no zone' },
  };
  expect(await commands.cancelOccurrence(id, time('10:20'), undefined, ada)).toEqual(answer);
  expect(await commands.backfill(id, time('09:15'), time('09:45'), ada)).toEqual(answer);
  done(await commands.pause(id, undefined, ada));
  expect(await commands.resume(id, undefined, ada)).toEqual(answer);
  done(await commands.remove(id, undefined, ada));
});

test('a race that is lost again and again is told', async () => {
  const bench = benchOf({
    wrap: (log) => ({ ...log, append: () => Promise.resolve({ outcome: 'conflict' } as never) }),
  });
  expect(await bench.commands.create(asked, ada)).toEqual({ outcome: 'contended' });
});

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

describe('the job of an occurrence', () => {
  const planned = {
    ...{ scheduleId: NOBODYS, definition, jobId: '019ab3c4-5d6e-7f80-9a1b-2c3d4e5f6001' },
    ...{ occurrenceAt: time('10:10'), dueAt: time('10:12') },
  };

  test('is made once, however many make it', async () => {
    const { deps, job } = benchOf();
    expect(await makeJob(deps, planned)).toBe('made');
    expect(await makeJob({ ...deps, clock: { now: () => time('10:06') } }, planned)).toBe('made');
    const [event, ...others] = await job(planned.jobId);
    expect(event?.data).toMatchObject({
      ...{ occurrenceAt: '2026-12-07T10:10:00.000Z', dueAt: '2026-12-07T10:12:00.000Z' },
    });
    expect(event?.data).not.toHaveProperty('maxLatenessMs');
    expect(others).toEqual([]);
  });

  test.each`
    ofJob        | ofPlan       | limit    | why
    ${5_000}     | ${undefined} | ${5_000} | ${'the user has said so'}
    ${undefined} | ${3_000}     | ${3_000} | ${'the rule for missed runs says so'}
    ${5_000}     | ${3_000}     | ${3_000} | ${'the stricter one holds'}
    ${2_000}     | ${3_000}     | ${2_000} | ${'the stricter one holds'}
  `(
    'may be $limit ms late when the job says $ofJob and the plan $ofPlan: $why',
    async (row: { ofJob?: number; ofPlan?: number; limit: number }) => {
      const { deps, job } = benchOf();
      const limits = row.ofJob === undefined ? {} : { maxLatenessMs: row.ofJob };
      await makeJob(deps, {
        ...planned,
        definition: { ...definition, job: { ...definition.job, ...limits } },
        maxLatenessMs: row.ofPlan,
      });
      expect((await job(planned.jobId))[0]?.data).toMatchObject({ maxLatenessMs: row.limit });
    },
  );

  test('that nobody made yet is made and cancelled, so that nobody makes it later', async () => {
    const { deps, jobTypes, job } = benchOf();
    expect(await withdrawJob(deps, planned, 'it was paused')).toBe('withdrawn');
    expect(await jobTypes(planned.jobId)).toEqual(['JobScheduled', 'JobCancelled']);
    expect((await job(planned.jobId)).at(-1)?.data).toMatchObject({ reason: 'it was paused' });
    expect(await withdrawJob(deps, planned, 'it was paused')).toBe('withdrawn');
    expect(await makeJob(deps, planned)).toBe('there');
    expect(await jobTypes(planned.jobId)).toHaveLength(2);
  });

  test('that is not there and of which no more is known than its id is left', async () => {
    const { deps, jobTypes } = benchOf();
    const { scheduleId, jobId } = planned;
    expect(await withdrawJob(deps, { scheduleId, jobId }, 'it was deleted')).toBe('left');
    expect(await jobTypes(jobId)).toEqual([]);
  });

  test('for which every race is lost is told as contended, after ten of them', async () => {
    let tries = 0;
    const { deps } = benchOf({
      wrap: (log) => ({
        ...log,
        append: () => {
          tries += 1;
          return Promise.resolve({ outcome: 'conflict' } as never);
        },
      }),
    });
    await expect(withdrawJob(deps, planned, 'it was paused')).rejects.toThrow(StreamContended);
    expect(tries).toBe(10);
  });
});

describe('a history', () => {
  const whole = async () => {
    const bench = benchOf();
    const id = await made(bench);
    for (const note of ['one', 'two']) {
      done(await bench.commands.pause(id, note, ada));
      done(await bench.commands.resume(id, undefined, ada));
    }
    return { ...bench, id, history: scheduleHistory(bench.memory, bench.known) };
  };
  const revisionsOf = (page?: { readonly events: readonly { readonly revision: number }[] }) =>
    page?.events.map(({ revision }) => revision);

  test('is told from its end on, page by page, and says where the next older one ends', async () => {
    const { id, history } = await whole();
    const page = async (limit: number, before?: bigint) => {
      const found = await history.events(id, ada.actor, {
        limit,
        ...(before !== undefined && { before }),
      });
      return [revisionsOf(found), found?.olderBefore];
    };
    expect(await page(9)).toEqual([[0, 1, 2, 3, 4], undefined]);
    expect(await page(2)).toEqual([[3, 4], 3n]);
    expect(await page(2, 3n)).toEqual([[1, 2], 1n]);
    expect(await page(2, 1n)).toEqual([[0], undefined]);
    expect(await page(2, 4n)).toEqual([[2, 3], 2n]);
    expect(await page(5, 99n)).toEqual([[0, 1, 2, 3, 4], undefined]);
    expect(await page(2, 0n)).toEqual([[], undefined]);
  });

  test('says of each event who, when and where, and the story tells the same in words', async () => {
    const { id, history, events } = await whole();
    const found = await history.events(id, ada.actor, { limit: 1 });
    expect(found?.events).toEqual([
      {
        ...{ type: 'ScheduleResumed', data: {}, actor: { kind: 'user', id: 'ada' } },
        ...{ time: '2026-12-07T10:05:00.000Z', revision: 4 },
        position: String((await events(id)).at(-1)?.position),
      },
    ]);
    const story = await history.story(id, ada.actor, { limit: 1 });
    expect(story).toMatchObject({ scheduleId: id, olderBefore: 4n });
  });

  test('of somebody else’s or of none is none', async () => {
    const { id, history } = await whole();
    expect(await history.events(id, as('bob').actor, { limit: 1 })).toBeUndefined();
    expect(await history.story(NOBODYS, ada.actor, { limit: 1 })).toBeUndefined();
  });
});

describe('a schedule is read', () => {
  test('from what is known of it on, and without what is known from its first event on', async () => {
    const bench = benchOf();
    const id = await made(bench);
    bench.remembered.set(id, await bench.knownNow(id));
    expect(await loadSchedule(bench.memory, bench.known, id)).toEqual({
      state: await bench.knownNow(id), // nothing was read, so no position is known
    });
    done(await bench.commands.pause(id, undefined, ada));
    const loaded = await loadSchedule(bench.memory, bench.known, id);
    expect(loaded.state).toMatchObject({ status: 'paused', revision: 1n });
    const [, paused] = await bench.events(id);
    expect(loaded.position).toBe(paused?.position);
    const whole: EventLog = { ...bench.memory, read: (stream) => bench.memory.read(stream) };
    expect(await loadSchedule(whole, bench.known, id)).toEqual(loaded); // of more than was asked for
  });

  test('not when its stream is gone, which only its owner and operators learn', async () => {
    const theirs = benchOf();
    const id = await made(theirs);
    const bench = benchOf({
      wrap: (log) => ({ ...log, read: () => Promise.reject(new StreamGone('deleted')) }),
    });
    bench.remembered.set(id, await theirs.knownNow(id));
    await expect(bench.commands.load(id, ada)).rejects.toThrow(ScheduleUnreadable);
    await expect(bench.commands.load(id, operator)).rejects.toThrow('cannot be read');
    expect(await bench.commands.load(id, as('bob'))).toEqual({ status: 'none' });
  });

  test('not while the log is away, whoever asks', async () => {
    const bench = benchOf({
      wrap: (log) => ({ ...log, read: () => Promise.reject(new EventLogUnavailable('away')) }),
    });
    await expect(bench.commands.load(NOBODYS, as('bob'))).rejects.toThrow('away');
  });

  test('not over an event that makes no sense, nor over one of a newer build', async () => {
    const bench = benchOf();
    const append = async (changes: object) => {
      const id = await made(bench);
      const [first] = await bench.events(id);
      if (!first) throw new Error('it was made');
      const event = { ...first, id: uuids.next(), ...changes };
      await bench.memory.append(scheduleStream(id), [event as never], 0n);
      return id;
    };
    const ended = await append({ type: '$streamDeleted' });
    expect(await bench.commands.load(ended, ada)).toMatchObject({ status: 'active' });
    const odd = await append({ data: {} });
    await expect(bench.commands.load(odd, ada)).rejects.toThrow(ScheduleUnreadable);
    expect(await bench.commands.load(odd, as('bob'))).toEqual({ status: 'none' });
    const metadata = { at: '2026-11-23T12:00:10.000Z', schemaVersion: 99 };
    const newer = await append({ metadata });
    await expect(bench.commands.load(newer, ada)).rejects.toThrow(EventTooNew);
  });
});
