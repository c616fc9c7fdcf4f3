import fc from 'fast-check';
import type { RecordedEvent } from '../../../../../domain/event-log';
import type { AsOf } from '../../../../../domain/audit/as-of';
import { decodeJobEvent } from '../../../../../domain/job/stored-event';
import type { JobFilter } from '../../../../../domain/job/filter';
import { snapshotStore } from '../../../../../projections/snapshots/job-snapshots';
import { announceProjected } from '../../../../../projections/writing/projected';
import { projectionWriter } from '../../../../../projections/writing/projection-writer';
import { jobQueries } from '../../../../../projections/queries/jobs';
import { TooManyJobs } from '../../../../../projections/queries/past/past-fold';
import { readModel } from '../../../../../projections/projections';
import { histories, recorded, testJobId } from '../../../../support/job-histories';
import { EPOCH, rescheduled, scheduled, t } from '../../../../support/jobs';
import {
  archive,
  batchSizes,
  byHand,
  thin,
  never,
  pastOf,
  someJobs,
  storedAll,
  storedInTime,
} from '../../../../support/past';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';
import { storedBytes } from '../../../../support/stored-log';

let model: TestReadModel;
beforeAll(async () => {
  model = await createReadModel();
});
afterAll(() => model.dispose());
beforeEach(() => model.clear());

const moments = fc.record({
  isTime: fc.boolean(),
  share: fc.double({ min: 0, max: 1.1, noNaN: true }),
  offMs: fc.constantFrom(-1, 0, 1),
});

const momentIn = (
  events: readonly RecordedEvent[],
  { isTime, share, offMs }: { isTime: boolean; share: number; offMs: number },
): AsOf => {
  const event = events[Math.min(events.length - 1, Math.floor(share * events.length))];
  if (!event || !isTime) return { kind: 'position', position: event?.position ?? 0n };
  return { kind: 'time', at: decodeJobEvent(event).at + offMs };
};

test('a list of any past moment is what its streams say by hand, whatever blocks there are and however many of them were joined', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      batchSizes,
      fc.integer({ min: 1, max: 40 }),
      fc.array(moments, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(undefined, 'ada', "o'hara"),
      fc.constantFrom(0, 50_000),
      fc.constantFrom(0, 10, 1_000),
      async (events, sizes, blockEvents, asked, ownerId, behindMs, maxEvents) => {
        await model.clear();
        const stored = storedAll(events, behindMs);
        await archive(model, stored, sizes, blockEvents);
        await thin(model, { maxEvents });
        const { past } = pastOf(model, events, stored);
        for (const moment of asked) {
          const asOf = momentIn(events, moment);
          const filter = ownerId === undefined ? {} : { ownerId };
          const { items } = await past.list({ asOf, filter, signal: never });
          expect(items).toEqual(byHand(events, asOf, ownerId));
        }
      },
    ),
    { numRuns: 40 },
  );
});

test('a list of the present is the list that is live', async () => {
  const session = await model.openSession();
  await fc.assert(
    fc.asyncProperty(
      histories,
      batchSizes,
      fc.integer({ min: 1, max: 40 }),
      async (events, sizes, blockEvents) => {
        await model.clear();
        const writer = await projectionWriter(session, readModel, announceProjected);
        await writer.apply(events, events.at(-1)?.position ?? 0n);
        const stored = storedAll(events);
        await archive(model, stored, sizes, blockEvents);
        const { past } = pastOf(model, events, stored);
        const asOf: AsOf = { kind: 'position', position: 2n ** 63n - 1n };
        const filters: readonly JobFilter[] = [
          {},
          { ownerId: 'ada' },
          { status: ['succeeded', 'scheduled'] },
          { from: EPOCH + 60_000 },
          { to: EPOCH + 60_000 },
          { tag: 'a,b' },
          { queue: 'mail' },
          { scheduleId: 'weekly' },
          { q: 'A' },
          { q: '%_\\' },
          { q: 'Ä' },
        ];
        for (const filter of filters) {
          const live = await jobQueries(model.db).list(filter, { limit: 200 });
          expect(await past.list({ asOf, filter, limit: 200, signal: never })).toEqual(live);
        }
      },
    ),
    { numRuns: 12 },
  );
  await session.close();
});

test('pages follow one another without gap or repeat, and the log is folded once for all of them', async () => {
  const events = someJobs();
  const { past, begun } = pastOf(model, events, storedInTime(events));
  const asOf: AsOf = { kind: 'position', position: 200n };
  const request = { asOf, filter: {}, limit: 3, signal: never } as const;
  const first = await past.list(request);
  const second = await past.list({ ...request, ...(first.next && { after: first.next }) });
  const third = await past.list({ ...request, ...(second.next && { after: second.next }) });
  expect(third.next).toBeUndefined();
  expect([...first.items, ...second.items, ...third.items]).toEqual(byHand(events, asOf));
  expect(begun).toEqual(['start']);
});

test('what may still change is folded anew: nothing after the moment has been seen yet', async () => {
  const events = someJobs();
  const { past, begun } = pastOf(model, events, storedInTime(events));
  const asOf: AsOf = { kind: 'time', at: t(10_000) };
  await past.list({ asOf, filter: {}, signal: never });
  await past.list({ asOf, filter: {}, signal: never });
  expect(begun).toHaveLength(2);
});

test('the scan begins at the newest block that is old enough, not at the start of the log', async () => {
  const events = someJobs();
  const stored = storedInTime(events);
  await archive(model, stored, [5], 5);
  const { past, begun } = pastOf(model, events, stored);
  const end = await snapshotStore(model.db).head();
  await past.list({
    asOf: { kind: 'position', position: (end?.end.position ?? 0n) + 1n },
    filter: {},
    signal: never,
  });
  await past.list({ asOf: { kind: 'position', position: 49n }, filter: {}, signal: never });
  await past.list({ asOf: { kind: 'time', at: t(10_000) }, filter: {}, signal: never });
  expect(begun).toEqual([end?.end.position, 'start', end?.end.position]);
});

/** Events a second apart, so that a minute, by which clocks may differ, is most of the log. */
const busyLog = (): readonly RecordedEvent[] =>
  Array.from({ length: 300 }, (_, n) =>
    recorded(testJobId(n), 0n, BigInt(n + 1) * 10n, scheduled(), t(n)),
  );

test('in a busy log a list reads no further than the block in which the last event was early enough', async () => {
  const events = busyLog();
  const stored = storedInTime(events);
  await archive(model, stored, [10], 10);
  const { past, given } = pastOf(model, events, stored);
  const asOf: AsOf = { kind: 'time', at: t(105) };
  const { items } = await past.list({ asOf, filter: {}, signal: never });
  expect(items).toEqual(byHand(events, asOf));
  expect(given()).toBe(10);
});

test('in a busy log an event of a clock that is behind is found in the block that it came in', async () => {
  const late = recorded(testJobId(50), 1n, 1_405n, rescheduled(t(500)), t(100));
  const tooLate = recorded(testJobId(51), 2n, 1_406n, rescheduled(t(501)), t(100));
  const before = recorded(testJobId(51), 1n, 1_305n, rescheduled(t(502)), t(130));
  const events = [...busyLog(), late, tooLate, before].sort((a, b) =>
    a.position < b.position ? -1 : 1,
  );
  const created = (event: RecordedEvent): number =>
    event === late || event === tooLate ? t(140) : decodeJobEvent(event).at + 1;
  const stored = events.map((event) => storedBytes(event, created(event)));
  await archive(model, stored, [10], 10);
  for (const at of [t(105), t(129), t(130), t(141)]) {
    const asOf: AsOf = { kind: 'time', at };
    const { past, given } = pastOf(model, events, stored);
    const { items } = await past.list({ asOf, filter: {}, signal: never });
    expect(items).toEqual(byHand(events, asOf));
    expect(given()).toBeLessThan(60);
  }
});

test('one clock that is an hour ahead neither hides later blocks nor reaches into earlier lists', async () => {
  const hour = 3_600;
  const wrong = recorded(testJobId(1), 1n, 1_000n, rescheduled(t(75)), t(hour));
  const more = recorded(testJobId(30), 0n, 1_010n, scheduled(), t(80));
  const events = [...someJobs(), wrong, more];
  const created = (event: RecordedEvent): number =>
    event === wrong ? t(70) : decodeJobEvent(event).at + 1;
  const stored = events.map((event) => storedBytes(event, created(event)));
  await archive(model, stored, [3], 3);
  const { past, begun } = pastOf(model, events, stored);
  for (const at of [t(20), t(69), t(75), t(85), t(hour - 1), t(hour)]) {
    const asOf: AsOf = { kind: 'time', at };
    const { items } = await past.list({ asOf, filter: {}, signal: never });
    expect(items).toEqual(byHand(events, asOf));
  }
  expect(begun.at(-2)).toBe((await snapshotStore(model.db).head())?.end.position);
});

test('a list of more jobs than may be held is refused, with snapshots and without', async () => {
  const events = someJobs();
  const stored = storedInTime(events);
  const request = {
    asOf: { kind: 'position', position: 10_000n },
    filter: {},
    signal: never,
  } as const;
  await expect(pastOf(model, events, stored, { maxJobs: 11 }).past.list(request)).rejects.toThrow(
    TooManyJobs,
  );
  await archive(model, stored, [5], 5);
  await expect(pastOf(model, events, stored, { maxJobs: 9 }).past.list(request)).rejects.toThrow(
    TooManyJobs,
  );
  expect(
    (await pastOf(model, events, stored, { maxJobs: 12 }).past.list(request)).items,
  ).toHaveLength(12);
});

test('an answer that nobody waits for any more is not folded to its end', async () => {
  const events = someJobs();
  const { past } = pastOf(model, events, storedInTime(events));
  const reason = new Error('too late');
  const request = {
    asOf: { kind: 'position', position: 10_000n },
    filter: {},
    signal: AbortSignal.abort(reason),
  } as const;
  await expect(past.list(request)).rejects.toThrow(reason);
});
