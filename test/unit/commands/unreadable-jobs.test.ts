import { jobHistory } from '../../../commands/job-history';
import { JobHistoryGone, JobUnreadable } from '../../../commands/job-stream';
import type { EventLog, RecordedEvent } from '../../../domain/event-log';
import type { Actor } from '../../../domain/events/metadata';
import { jobAfter } from '../../../domain/audit/job-fold';
import { initial } from '../../../domain/job/state';
import { jobStream } from '../../../domain/ids';
import {
  accepted,
  as,
  commandBench,
  dispatchedClaim,
  keyed,
  scheduledJob,
} from '../../support/command-bench';
import { hostileEvents, oddEvents } from '../../support/hostile-events';
import { definition, t } from '../../support/jobs';

const ada: Actor = { kind: 'user', id: 'ada' };
const bob: Actor = { kind: 'user', id: 'bob' };
const operator: Actor = { kind: 'operator', id: 'root' };

/** A bench with a dispatched job whose event at `revision` is another one. */
const benchWith = async (change: Partial<RecordedEvent>, revision = 1) => {
  const hostile = new Set<string>();
  const changed = (event: RecordedEvent): RecordedEvent =>
    Number(event.revision) === revision ? { ...event, ...change } : event;
  const wrap = (log: EventLog): EventLog => ({
    ...log,
    read: async (stream) => {
      const events = await log.read(stream);
      return hostile.has(stream) ? events.map(changed) : events;
    },
  });
  const bench = commandBench(wrap);
  const jobId = await scheduledJob(bench);
  await dispatchedClaim(bench, jobId);
  hostile.add(jobStream(jobId));
  const history = jobHistory(bench.log, { now: () => t(60) });
  return { ...bench, jobId, history };
};
const asOf = { kind: 'time', at: t(60) } as const;

test.each([...hostileEvents, ...oddEvents])(
  'a job with such an event is unreadable for whoever asks for it or changes it: $why',
  async ({ change }) => {
    const { commands, history, jobId } = await benchWith(change);
    const asked = [
      () => commands.cancel(jobId, undefined, as('ada')),
      () => commands.reschedule(jobId, t(100), undefined, as('ada')),
      () => commands.runNow(jobId, undefined, as('ada')),
      () => commands.abort(jobId, undefined, as('ada')),
      () => commands.redrive(jobId, as('ada')),
      () => history.events(jobId, ada),
      () => history.events(jobId, operator, asOf),
      () => history.stateAsOf(jobId, ada, asOf),
      () => history.story(jobId, ada),
    ];
    for (const ask of asked) await expect(ask()).rejects.toThrow(JobUnreadable);
  },
);

test('whose it is not does not learn that it is there', async () => {
  const { commands, history, jobId } = await benchWith({ data: 'x' });
  expect(await history.story(jobId, bob)).toBeUndefined();
  expect(await commands.cancel(jobId, undefined, as('bob'))).toEqual({
    outcome: 'rejected',
    rejection: { code: 'job-not-found' },
  });
});

test('when nobody can tell whose it is, operators alone learn that it is there', async () => {
  const { history, jobId } = await benchWith({ data: {} }, 0);
  expect(await history.events(jobId, ada)).toBeUndefined();
  await expect(history.events(jobId, operator)).rejects.toThrow(/JobScheduled at revision 0/);
});

test('a job beside it is not touched', async () => {
  const bench = await benchWith({ data: 'x' });
  const other = await scheduledJob(bench, t(90));
  expect(await bench.commands.cancel(other, undefined, as('ada'))).toMatchObject({
    outcome: 'accepted',
  });
});

test.each([...hostileEvents, ...oddEvents])(
  'lists of the past and snapshots leave the job as it was before it, and go on: $why',
  async ({ change }) => {
    const bench = commandBench();
    const jobId = await scheduledJob(bench);
    await dispatchedClaim(bench, jobId);
    const [born, sent] = await bench.events(jobId);
    if (!born || !sent) throw new Error('the job has no events');
    const before = jobAfter(initial, born);
    expect(before && jobAfter(before, { ...sent, ...change })).toBeUndefined();
    expect(jobAfter(initial, { ...born, ...change })).toBeUndefined();
  },
);

test('a schedule that is repeated with its key is refused by name when the job was truncated meanwhile, not called contended', async () => {
  let isCut = false;
  const bench = commandBench((log) => ({
    ...log,
    read: async (stream) => (await log.read(stream)).slice(isCut ? 1 : 0),
  }));
  const { ownerId: _, ...request } = definition;
  const schedule = () =>
    bench.commands.schedule({ definition: request, dueAt: t(50) }, as('ada', keyed('k')));
  const { jobId } = accepted(await schedule());
  accepted(await bench.commands.reschedule(jobId, t(60), undefined, as('ada')));
  isCut = true;
  await expect(schedule()).rejects.toThrow(JobHistoryGone);
  expect(await bench.types(jobId)).toEqual(['JobScheduled', 'JobRescheduled']);
});

test('a job that was scheduled again after its stream was deleted begins later and is whole; one that begins with anything else is not', async () => {
  let cut = 0;
  const bench = commandBench((log) => ({
    ...log,
    read: async (stream) =>
      (await log.read(stream))
        .slice(cut)
        .map((event) => ({ ...event, revision: event.revision + 7n })),
  }));
  const jobId = await scheduledJob(bench);
  await dispatchedClaim(bench, jobId);
  const history = jobHistory(bench.log, { now: () => t(60) });
  expect(await history.events(jobId, ada)).toMatchObject([{ revision: 7 }, { revision: 8 }]);
  cut = 1;
  await expect(history.events(jobId, ada)).rejects.toThrow(JobHistoryGone);
});
