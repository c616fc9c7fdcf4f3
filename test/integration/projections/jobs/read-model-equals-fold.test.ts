import fc from 'fast-check';
import type { RecordedEvent } from '../../../../domain/event-log';
import { decodeJobEvent } from '../../../../domain/job/stored-event';
import { floorTo } from '../../../../domain/forecast';
import { latenessCells } from '../../../../domain/lateness';
import { jobIdOf, shardOf } from '../../../../domain/ids';
import { initial, latenessMs, type JobState, type KnownJob } from '../../../../domain/job/state';
import { evolve } from '../../../../domain/job/evolve';
import { viewOf } from '../../../../domain/job/view';
import { toTimestamp } from '../../../../domain/time';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { dueJobs, type DueRow } from '../../../../projections/queries/dispatching/due-jobs';
import { jobQueries } from '../../../../projections/queries/jobs';
import type { StatusChange } from '../../../../domain/job/status-change';
import { statusFeed } from '../../../../projections/queries/status-feed';
import type { Projection } from '../../../../projections/projection';
import { readModel } from '../../../../projections/projections';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { allLanes, allShards } from '../../../support/due-rows';
import { histories } from '../../../support/job-histories';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

let model: TestReadModel;
let session: WriteSession;

beforeAll(async () => {
  model = await createReadModel();
  session = await model.openSession();
});
afterAll(async () => {
  await session.close();
  await model.dispose();
});

type Folded = { readonly jobId: string; readonly state: KnownJob; readonly event: RecordedEvent };

/** Each event with its job as it was right after it. */
const foldAll = (events: readonly RecordedEvent[]): readonly Folded[] => {
  const states = new Map<string, JobState>();
  return events.map((event) => {
    const jobId = jobIdOf(event.stream) ?? '';
    const state = evolve(states.get(jobId) ?? initial, decodeJobEvent(event));
    if (state.status === 'none') throw new Error('no event leads back to none');
    states.set(jobId, state);
    return { jobId, state, event };
  });
};

const lastOfEach = (folded: readonly Folded[]): readonly Folded[] => [
  ...new Map(folded.map((each) => [each.jobId, each])).values(),
];

/** The lane is the table's own affair. */
type Due = Omit<DueRow, 'lane'>;

const expectedDue = ({ jobId, state, event }: Folded): Due => {
  const { ownerId, name, location, queue, payload, timeoutMs, maxLatenessMs } = state.definition;
  return {
    jobId,
    dueAt: state.dueAt,
    shard: shardOf(jobId),
    attempt: state.attempt,
    revision: state.revision,
    position: event.position,
    timeoutMs,
    ...(maxLatenessMs !== undefined && { maxLatenessMs }),
    ...{ ownerId, name, location, queue },
    ...(payload !== undefined && { payload }),
  };
};

const expectedChange = ({ jobId, state, event }: Folded): StatusChange => ({
  position: event.position,
  jobId,
  ownerId: state.definition.ownerId,
  name: state.definition.name,
  status: state.status,
  revision: Number(event.revision),
  attempt: state.attempt,
  dueAt: toTimestamp(state.dueAt),
  at: decodeJobEvent(event).metadata.at,
});

type Live = {
  readonly job_id: string;
  readonly delivery: number | null;
  readonly executor_id: string | null;
  readonly abort_requested: boolean;
};
const liveColumns = (jobId: string) =>
  model
    .db<Live>('jobs')
    .where({ job_id: jobId })
    .first('delivery', 'executor_id', 'abort_requested');

const expectedLive = (state: KnownJob) => {
  if (state.status === 'queued')
    return { delivery: state.delivery, executor_id: null, abort_requested: false };
  if (state.status === 'running')
    return { executor_id: state.executorId, abort_requested: state.abortRequested };
  return {};
};

type Cell = { readonly starts: number; readonly worst_ms: number };

/** Whose, by which minutes, of which time and in which cell: all starts, counted one by one. */
const expectedLateness = (folded: readonly Folded[]): ReadonlyMap<string, Cell> => {
  const cells = new Map<string, Cell>();
  for (const { state, event } of folded) {
    if (event.type !== 'JobStarted') continue;
    const lateMs = latenessMs(state) ?? 0;
    const cell = latenessCells.findLastIndex((from) => from <= lateMs);
    for (const whose of ['*', `=${state.definition.ownerId}`])
      for (const minutes of [1, 60]) {
        const at = floorTo(minutes * 60_000, state.dueAt);
        const key = [whose, minutes, at, cell].join(' ');
        const { starts, worst_ms } = cells.get(key) ?? { starts: 0, worst_ms: 0 };
        cells.set(key, { starts: starts + 1, worst_ms: Math.max(worst_ms, lateMs) });
      }
  }
  return cells;
};

type LatenessRow = Cell & {
  readonly whose: string;
  readonly minutes: number;
  readonly at: Date;
  readonly cell: number;
};

const latenessRows = async (): Promise<ReadonlyMap<string, Cell>> => {
  const rows = await model.db<LatenessRow>('lateness').select();
  return new Map(
    rows.map(({ whose, minutes, at, cell, starts, worst_ms }) => [
      [whose, minutes, at.getTime(), cell].join(' '),
      { starts, worst_ms: Number(worst_ms) },
    ]),
  );
};

const withoutLane = ({ lane: _, ...due }: DueRow): Due => due;
const byKey = (a: Due, b: Due): number => a.dueAt - b.dueAt || (a.jobId < b.jobId ? -1 : 1);

const expectEqualToFold = async (events: readonly RecordedEvent[]): Promise<void> => {
  const folded = foldAll(events);
  const jobs = lastOfEach(folded);
  for (const { jobId, state } of jobs) {
    expect(await jobQueries(model.db).one(jobId)).toEqual(viewOf(jobId, state));
    expect(await liveColumns(jobId)).toMatchObject(expectedLive(state));
  }
  const due = { spans: allLanes(Date.UTC(2100, 0)), shards: allShards, limit: 1_000 };
  const scheduled = jobs.filter(({ state }) => state.status === 'scheduled');
  const found = (await dueJobs(model.db).find(due)).map(withoutLane).sort(byKey);
  expect(found).toEqual(scheduled.map(expectedDue).sort(byKey));
  expect(await statusFeed(model.db).after(-1n, undefined, 10_000)).toEqual(
    folded.map(expectedChange),
  );
  expect(await latenessRows()).toEqual(expectedLateness(folded));
};

/** Batches as a projector may happen to get them. */
const split = (
  events: readonly RecordedEvent[],
  sizes: readonly number[],
): readonly (readonly RecordedEvent[])[] => {
  const batches: (readonly RecordedEvent[])[] = [];
  for (let start = 0, i = 0; start < events.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    batches.push(events.slice(start, start + size));
    start += size;
  }
  return batches;
};

const windBack = async (position: bigint): Promise<void> => {
  await model.db('checkpoint').update({ position: String(position) });
};

const runs = { numRuns: 60 };
const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });

test('after any history in any batches, every row says what the fold of its stream says', async () => {
  await fc.assert(
    fc.asyncProperty(histories, sizes, async (events, batchSizes) => {
      await model.clear();
      const writer = await projectionWriter(session, readModel, announceProjected);
      for (const batch of split(events, batchSizes))
        await writer.apply(batch, batch.at(-1)?.position ?? 0n);
      expect(writer.parkedCount()).toBe(0);
      await expectEqualToFold(events);
    }),
    runs,
  );
});

test('events that are delivered again, in other batches and on top of newer rows, change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      sizes,
      sizes,
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (events, firstSizes, secondSizes, from) => {
        await model.clear();
        const writer = await projectionWriter(session, readModel, announceProjected);
        for (const batch of split(events, firstSizes))
          await writer.apply(batch, batch.at(-1)?.position ?? 0n);
        const again = events.slice(Math.floor(from * events.length));
        await windBack((again[0]?.position ?? 0n) - 1n);
        const second = await projectionWriter(session, readModel, announceProjected);
        for (const batch of split(again, secondSizes)) {
          await second.apply(batch, batch.at(-1)?.position ?? 0n);
          await expectEqualToFold(events);
        }
        expect(second.parkedCount()).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
});

test('streams that come back while live events arrive and others are parked miss nothing and are told nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      sizes,
      fc.array(fc.nat({ max: 6 }), { minLength: 3, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      async (events, batchSizes, delays, phase) => {
        await model.clear();
        let isFixed = false;
        const fixable: Projection = {
          ...readModel,
          plan: (some) => {
            if (!isFixed && some.some(({ position }) => position % 3n === 0n))
              throw new Error('a bug of this build');
            return readModel.plan(some);
          },
        };
        const writer = await projectionWriter(session, fixable, announceProjected);
        let appended = 0;
        let turns = 0;
        const delay = async (): Promise<void> => {
          for (let n = delays[turns++ % delays.length] ?? 0; n > 0; n--)
            await writer.beat().catch(() => undefined);
        };
        /** An answer that may be old when it arrives. */
        const read = async (stream: string) => {
          const then = events.slice(0, appended).filter((event) => event.stream === stream);
          await delay();
          return then;
        };
        const batches = split(events, batchSizes);
        const underWay: Promise<unknown>[] = [];
        for (const [index, batch] of batches.entries()) {
          appended += batch.length;
          isFixed = Math.floor(index / phase) % 2 === 1;
          underWay.push(writer.apply(batch, batch.at(-1)?.position ?? 0n));
          underWay.push(writer.retryParked({ read }, [...writer.parkedStreams()]));
          await delay();
        }
        await Promise.all(underWay);
        isFixed = true;
        for (let tries = 0; writer.parkedCount() > 0; tries++) {
          expect(tries).toBeLessThan(5);
          await writer.retryParked({ read }, [...writer.parkedStreams()]);
        }
        await expectEqualToFold(events);
      },
    ),
    runs,
  );
});
