import { Client } from 'pg';
import { EventLogUnavailable, type RecordedEvent } from '../../../../domain/event-log';
import { decodeJobEvent } from '../../../../domain/job/stored-event';
import { jobStream } from '../../../../domain/ids';
import type { JobEvent } from '../../../../domain/job/events';
import { initial } from '../../../../domain/job/state';
import { evolve } from '../../../../domain/job/evolve';
import { viewOf } from '../../../../domain/job/view';
import { toTimestamp } from '../../../../domain/time';
import { CheckpointMoved } from '../../../../projections/writing/checkpoint';
import { announceNothing, announceProjected } from '../../../../projections/projected';
import {
  projectionWriter,
  tryLock,
  type ProjectionWriter,
} from '../../../../projections/writing/projection-writer';
import { jobQueries } from '../../../../projections/queries/jobs';
import { jobsProjection } from '../../../../projections/registry';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { hostileEvents } from '../../../support/hostile-events';
import { recorded, testJobId } from '../../../support/job-histories';
import {
  attemptFailed,
  dispatched,
  failed,
  rescheduled,
  scheduled,
  started,
  t,
} from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { until } from '../../../support/until';

let model: TestReadModel;
let session: WriteSession;
let writer: ProjectionWriter;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
  session = await model.openSession();
  writer = await projectionWriter(session, jobsProjection, announceProjected);
});
afterEach(async () => {
  await session.close();
});

/** Events in the order of the log, ten positions apart. */
const log = (...entries: readonly (readonly [job: number, revision: number, event: JobEvent])[]) =>
  entries.map(([job, revision, event], i) =>
    recorded(testJobId(job), BigInt(revision), BigInt(i * 10), event, t(i)),
  );

const apply = (events: readonly RecordedEvent[]) =>
  writer.apply(events, events.at(-1)?.position ?? 0n);

const one = (n: number) => jobQueries(model.db).one(testJobId(n));
type DueRevision = { readonly job_id: string; readonly revision: string };
const dueRevisions = async (n: number): Promise<readonly string[]> => {
  const rows = await model
    .db<DueRevision>('due_jobs')
    .where({ job_id: testJobId(n) })
    .select('revision');
  return rows.map(({ revision }) => revision);
};

type Parked = { readonly stream: string; readonly revision: string; readonly position: string };
const parked = async (): Promise<readonly Parked[]> => {
  const columns = ['stream', 'revision', 'position'] as const;
  return await model
    .db<Parked>('parked_streams')
    .select(...columns)
    .orderBy('stream');
};

const foldView = (n: number, events: readonly RecordedEvent[]) => {
  const state = events.map(decodeJobEvent).reduce(evolve, initial);
  return state.status === 'none' ? undefined : viewOf(testJobId(n), state);
};

const succeededWith = (result: string | null): JobEvent => ({
  type: 'JobSucceeded',
  data: { attempt: 2, result },
});

test.each([
  [
    'a retry that succeeds: the earlier error is gone, a result of null is there',
    [
      scheduled(),
      dispatched(),
      started(),
      attemptFailed(1, t(60)),
      dispatched(2, t(60)),
      started(2),
      succeededWith(null),
    ],
  ],
  [
    'a failure for good and a redrive: times of the attempt before are gone, its error is still shown',
    [
      scheduled(),
      dispatched(),
      started(),
      attemptFailed(1),
      failed,
      { type: 'JobRedriven', data: { dueAt: '2026-12-01T00:00:00.000Z' } },
    ],
  ],
  [
    'a reschedule of a queued job into another month, and back',
    [scheduled(), dispatched(), rescheduled(t(40 * 86_400)), rescheduled(t(70), t(40 * 86_400))],
  ],
] as const)('%s', async (_why, events: readonly JobEvent[]) => {
  const all = log(...events.map((event, revision) => [1, revision, event] as const));
  for (const [i, event] of all.entries()) {
    await apply([event]);
    expect(await one(1)).toEqual(foldView(1, all.slice(0, i + 1)));
    expect(await dueRevisions(1)).toEqual(
      (await one(1))?.status === 'scheduled' ? [String(i)] : [],
    );
  }
});

test('a dispatch that is told again leaves the newer row that came back to its due time', async () => {
  const events = log(
    [1, 0, scheduled()],
    [1, 1, dispatched()],
    [1, 2, rescheduled(t(60))],
    [1, 3, rescheduled(t(50), t(60))],
  );
  await apply(events);
  await model.db.raw('update checkpoint set position = 0');
  const again = await projectionWriter(session, jobsProjection, announceProjected);
  await again.apply(events.slice(1, 2), 10n);
  expect(await dueRevisions(1)).toEqual(['3']);
});

test('a text that Postgres cannot store parks its stream and nobody else of the batch', async () => {
  await apply(
    log(
      [1, 0, scheduled()],
      [2, 0, scheduled({ name: 'nul \0 inside' })],
      [3, 0, scheduled()],
      [2, 1, dispatched()],
      [3, 1, dispatched()],
    ),
  );
  expect(await one(1)).toMatchObject({ status: 'scheduled' });
  expect(await one(2)).toBeUndefined();
  expect(await one(3)).toMatchObject({ status: 'queued' });
  expect(await parked()).toEqual([
    { stream: jobStream(testJobId(2)), revision: '0', position: '10' },
  ]);
  expect(writer.parkedCount()).toBe(1);
});

test.each(hostileEvents)(
  'an event that somebody else wrote parks its stream and holds up nobody: $why',
  async ({ change }) => {
    const [first, second, bad, last] = log(
      [1, 0, scheduled()],
      [2, 0, scheduled()],
      [1, 1, dispatched()],
      [2, 1, dispatched()],
    );
    if (!first || !second || !bad || !last) throw new Error('no events');
    await apply([first, second, { ...bad, ...change }, last]);
    expect((await parked()).map(({ stream, revision }) => [stream, revision])).toEqual([
      [jobStream(testJobId(1)), '1'],
    ]);
    expect(await one(2)).toMatchObject({ status: 'queued' });
  },
);

test('an event of a newer version parks its stream and says why; what came before it and all others go on', async () => {
  const [first, second, ...others] = log(
    [1, 0, scheduled()],
    [1, 1, rescheduled(t(60))],
    [2, 0, scheduled()],
    [2, 1, dispatched()],
  );
  if (!first || !second) throw new Error('the log has these events');
  const metadata = { ...(second.metadata as object), schemaVersion: 2 };
  await apply([first, { ...second, metadata }, ...others]);
  expect(await one(1)).toMatchObject({ revision: 0, dueAt: toTimestamp(t(50)) });
  expect(await one(2)).toMatchObject({ status: 'queued' });
  expect(await model.db('parked_streams').select('stream', 'revision', 'error')).toEqual([
    {
      stream: jobStream(testJobId(1)),
      revision: '1',
      error: expect.stringMatching(/JobRescheduled v2 is newer .* upgrade this build/) as string,
    },
  ]);
});

test('a stream with several poison events is parked at its first; what came before is applied', async () => {
  const unknown = { type: 'JobPaused', data: {} } as unknown as JobEvent; // as a newer build would write it
  await apply(
    log(
      [1, 0, scheduled()],
      [1, 1, dispatched()],
      [1, 2, unknown],
      [1, 3, unknown],
      [1, 4, started()],
    ),
  );
  expect(await one(1)).toMatchObject({ status: 'queued', revision: 1 });
  expect(await parked()).toMatchObject([{ revision: '2', position: '20' }]);
});

test('an event newer than this build parks its stream instead of being skipped', async () => {
  const [event] = log([1, 0, scheduled()]);
  if (!event) throw new Error('no event');
  await apply([{ ...event, metadata: { ...(event.metadata as object), schemaVersion: 9 } }]);
  expect(await parked()).toHaveLength(1);
});

test.each([
  ['a first event that is not JobScheduled', [[1, 0, dispatched()]]],
  [
    'a gap between revisions',
    [
      [2, 0, scheduled()],
      [1, 0, scheduled()],
      [1, 2, started()],
    ],
  ],
] as const)('%s parks the stream: a row is never made of half a history', async (_why, entries) => {
  for (const event of log(...entries)) await apply([event]);
  expect(await parked()).toMatchObject([{ stream: jobStream(testJobId(1)) }]);
});

test('due times that are none never become part of a statement', async () => {
  await apply(
    log([
      1,
      0,
      {
        ...scheduled(),
        data: { ...scheduled().data, dueAt: "2026-11'; drop table jobs;--" },
      } as JobEvent,
    ]),
  );
  expect(await parked()).toHaveLength(1);
  expect(await one(1)).toBeUndefined();
});

test('parked streams stay parked over a restart, and are whole again once their events can be applied', async () => {
  const unknown = { type: 'JobPaused', data: {} } as unknown as JobEvent; // as a newer build would write it
  const events = log(
    [1, 0, scheduled()],
    [1, 1, unknown],
    [1, 2, dispatched()],
    [2, 0, scheduled()],
  );
  await apply(events);
  const restarted = await projectionWriter(session, jobsProjection, announceProjected);
  expect(restarted.parkedCount()).toBe(1);
  const read = () =>
    Promise.resolve(events.filter(({ stream }) => stream === jobStream(testJobId(1))));
  const own = [jobStream(testJobId(1))];
  expect(await restarted.retryParked({ read }, own)).toEqual(new Set(own));
  expect(restarted.parkedCount()).toBe(1);
  const away = () => Promise.reject(new EventLogUnavailable('the log is away'));
  await expect(restarted.retryParked({ read: away }, own)).rejects.toThrow('the log is away');
  expect(restarted.parkedCount()).toBe(1);

  const lifted = log(
    [1, 0, scheduled()],
    [1, 1, rescheduled(t(90))],
    [1, 2, dispatched(1, t(90))],
    [1, 3, started()],
    [1, 4, succeededWith('done')],
  );
  await restarted.retryParked({ read: () => Promise.resolve(lifted) }, own);
  expect(restarted.parkedCount()).toBe(0);
  expect(await parked()).toEqual([]);
  // up to the checkpoint and no further, for what follows comes with the feed
  expect(await one(1)).toEqual(foldView(1, lifted.slice(0, 4)));
  expect(await dueRevisions(1)).toEqual([]);
  await restarted.apply(lifted.slice(4), 40n);
  expect(await one(1)).toEqual(foldView(1, lifted));
});

test('a writer whose checkpoint was moved by another one writes nothing', async () => {
  const other = await model.openSession();
  const second = await projectionWriter(other, jobsProjection, announceProjected);
  const events = log([1, 0, scheduled()], [2, 0, scheduled()]);
  await second.apply(events.slice(0, 1), 0n);
  await expect(apply(events)).rejects.toThrow(CheckpointMoved);
  expect(await one(2)).toBeUndefined();
  await other.close();
});

test('a writer whose tables were exchanged begins anew, although the checkpoint is where it was', async () => {
  const events = log([1, 0, scheduled()], [2, 0, scheduled()]);
  await apply(events.slice(0, 1));
  await model.db('checkpoint').increment('generation');
  await expect(apply(events)).rejects.toThrow(CheckpointMoved);
  expect(await one(2)).toBeUndefined();
  const anew = await projectionWriter(session, jobsProjection, announceProjected);
  await anew.apply(events, 10n);
  expect(await one(2)).toMatchObject({ status: 'scheduled' });
});

test('no stream is unparked in tables that were exchanged: events that the writer does not know of may be missing there', async () => {
  await apply(log([1, 0, scheduled({ name: '\0' })]));
  await model.db('checkpoint').increment('generation');
  const read = () => Promise.resolve(log([1, 0, scheduled()]));
  await expect(writer.retryParked({ read }, [...writer.parkedStreams()])).rejects.toThrow(
    CheckpointMoved,
  );
  expect(await parked()).toHaveLength(1);
});

test('a writer that announces nothing sends no notification: dispatchers would act on its rows', async () => {
  const heard: string[] = [];
  const listener = new Client({ connectionString: model.url });
  await listener.connect();
  await listener.query('listen projected');
  listener.on('notification', ({ payload = '' }) => heard.push(payload));
  const quiet = await projectionWriter(session, jobsProjection, announceNothing);
  await quiet.apply(log([1, 0, scheduled()], [2, 0, scheduled({ name: '\0' })]), 10n);
  const read = () => Promise.resolve(log([2, 0, scheduled()]));
  await quiet.retryParked({ read }, [...quiet.parkedStreams()]);
  const loud = await projectionWriter(session, jobsProjection, announceProjected);
  await loud.apply([], 20n);
  await until(() => heard.length > 0);
  expect(heard.map((payload) => JSON.parse(payload) as unknown)).toMatchObject([
    { position: '20' },
  ]);
  await listener.end();
});

test('the lock belongs to the connection: the next one gets it when the first ends', async () => {
  const other = await model.openSession();
  expect(await tryLock(session, 'jobs')).toBe(true);
  expect(await tryLock(other, 'jobs')).toBe(false);
  expect(await tryLock(other, 'another')).toBe(true);
  await session.close();
  expect(await tryLock(other, 'jobs')).toBe(true);
  await other.close();
  session = await model.openSession();
});

test('batches that are handed over at once are applied in order, also when the first parks a stream', async () => {
  const events = log(
    [1, 0, scheduled({ name: '\0' })],
    [2, 0, scheduled()],
    [1, 1, dispatched()],
    [2, 1, dispatched()],
  );
  await Promise.all([apply(events.slice(0, 2)), apply(events.slice(2))]);
  expect(await one(2)).toMatchObject({ status: 'queued' });
  expect(await parked()).toMatchObject([{ revision: '0' }]);
});
