import { makeJob } from '../../../../commands/schedules/schedule-jobs';
import { jobStream } from '../../../../domain/ids';
import { as, keyed } from '../../../support/command-bench';
import { newEvent } from '../../../support/new-event';
import {
  NOBODYS,
  asked,
  ada,
  operator,
  benchOf,
  done,
  refused,
  made,
} from '../../../support/schedule-bench';
import { at as time } from '../../../support/schedules';

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
