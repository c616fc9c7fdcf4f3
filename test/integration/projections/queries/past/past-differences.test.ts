import fc from 'fast-check';
import type { AsOf } from '../../../../../domain/audit/as-of';
import type { RecordedEvent } from '../../../../../domain/event-log';
import type { JobFilter } from '../../../../../domain/job/filter';
import { toTimestamp } from '../../../../../domain/time';
import type { JobView } from '../../../../../domain/job/view';
import type {
  JobDifference,
  JobThen,
} from '../../../../../projections/queries/past/past-differences';
import { TooManyJobs } from '../../../../../projections/queries/past/past-fold';
import { histories } from '../../../../support/job-histories';
import {
  batchSizes,
  archive,
  byHand,
  never,
  pastOf,
  someJobs,
  storedAll,
  storedInTime,
} from '../../../../support/past';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';

let model: TestReadModel;
beforeAll(async () => {
  model = await createReadModel();
});
afterAll(() => model.dispose());
beforeEach(() => model.clear());

const at = (position: bigint): AsOf => ({ kind: 'position', position });

const isOn = (view: JobView, { status, ownerId }: JobFilter): boolean =>
  (!status || status.includes(view.status)) && (ownerId === undefined || view.ownerId === ownerId);

const changeByHand = (one: JobView | undefined, other: JobView | undefined) => {
  if (!one) return other ? 'appeared' : undefined;
  if (!other) return 'left';
  if (one.status !== other.status) return 'status-changed';
  return one.dueAt === other.dueAt ? undefined : 'moved';
};

/** The same question answered by hand, as `job: change from status to status`. */
const differencesByHand = (
  events: readonly RecordedEvent[],
  [one, other]: readonly [AsOf, AsOf],
  filter: JobFilter,
): readonly string[] => {
  const [ones, others] = [byHand(events, one), byHand(events, other)].map(
    (views) => new Map(views.map((view) => [view.jobId, view])),
  );
  const listed = (view: JobView | undefined) => (view && isOn(view, filter) ? view : undefined);
  const jobIds = new Set([...(ones?.keys() ?? []), ...(others?.keys() ?? [])]);
  return [...jobIds]
    .flatMap((jobId) => {
      const [before, after] = [ones?.get(jobId), others?.get(jobId)];
      const change = changeByHand(listed(before), listed(after));
      const text = (view: JobView | undefined) => `${view?.status ?? '-'} ${view?.dueAt ?? '-'}`;
      return change ? [`${jobId}: ${change}, ${text(before)} to ${text(after)}`] : [];
    })
    .sort();
};

const thenText = (then: JobThen | undefined): string =>
  then ? `${then.status} ${toTimestamp(then.dueAt)}` : '- -';
const textOf = ({ jobId, change, before, after }: JobDifference): string =>
  `${jobId}: ${change}, ${thenText(before)} to ${thenText(after)}`;

test('what differs between two moments is what both lists say by hand, in either direction and whatever blocks there are', async () => {
  await fc.assert(
    fc.asyncProperty(
      histories,
      batchSizes,
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      fc.constantFrom<JobFilter>(
        {},
        { ownerId: 'ada' },
        { status: ['scheduled', 'queued'] },
        { status: ['failed'], ownerId: 'ada' },
      ),
      async (events, sizes, shares, filter) => {
        await model.clear();
        const stored = storedAll(events);
        await archive(model, stored, sizes, 10);
        const { past } = pastOf(model, events, stored);
        const place = (share: number) =>
          at(
            events[Math.min(events.length - 1, Math.floor(share * events.length))]?.position ?? 0n,
          );
        const moments = [place(shares[0]), place(shares[1])] as const;
        const { items, counts } = await past.differences({
          ...{ asOf: moments[0], other: moments[1], filter, signal: never },
        });
        expect(items.map(textOf).sort()).toEqual(differencesByHand(events, moments, filter));
        for (const [change, many] of Object.entries(counts))
          expect(items.filter((item) => item.change === change)).toHaveLength(many);
      },
    ),
    { numRuns: 40 },
  );
});

test('an owner is told of own jobs alone: others stand in no difference and in no count', async () => {
  const events = someJobs();
  const { past } = pastOf(model, events, storedInTime(events));
  const asked = { asOf: at(0n), other: at(10_000n), signal: never };
  const ofBob = await past.differences({ ...asked, filter: { ownerId: 'bob' } });
  expect(new Set(ofBob.items.map(({ ownerId }) => ownerId))).toEqual(new Set(['bob']));
  expect(ofBob.counts).toEqual({ appeared: 4, left: 0, 'status-changed': 0, moved: 0 });
  const counts = await past.counts({
    asOf: at(10_000n),
    filter: { ownerId: 'bob' },
    signal: never,
  });
  expect(counts).toEqual({ scheduled: 2, succeeded: 2 });
  const all = await past.counts({ asOf: at(10_000n), filter: {}, signal: never });
  expect(all).toEqual({ scheduled: 6, succeeded: 6 });
});

test('pages of differences follow one another without gap or repeat, of some changes or of all; counts stay those of all', async () => {
  const events = someJobs();
  const { past } = pastOf(model, events, storedInTime(events));
  const asked = { asOf: at(90n), other: at(10_000n), filter: {}, signal: never };
  const whole = await past.differences(asked);
  expect(whole.items.length).toBeGreaterThan(6);
  const pages: JobDifference[] = [];
  for (let after: { dueAt: number; jobId: string } | undefined; ;) {
    const page = await past.differences({ ...asked, limit: 3, ...(after && { after }) });
    expect(page.counts).toEqual(whole.counts);
    pages.push(...page.items);
    after = page.next;
    if (!after) break;
  }
  expect(pages).toEqual(whole.items);
  const appeared = await past.differences({ ...asked, changes: ['appeared'] });
  expect(appeared.items).toEqual(whole.items.filter(({ change }) => change === 'appeared'));
  expect(appeared.counts).toEqual(whole.counts);
});

test('a part of a name narrows both moments, upper and lower case alike', async () => {
  const events = someJobs();
  const { past } = pastOf(model, events, storedInTime(events));
  const [name = ''] = byHand(events, at(10_000n)).map((view) => view.name);
  const asked = { asOf: at(0n), other: at(10_000n), signal: never };
  const { counts } = await past.differences({ ...asked, filter: { q: name.toUpperCase() } });
  expect(counts.appeared).toBe(12);
  const none = await past.differences({ ...asked, filter: { q: 'no such name' } });
  expect(none.counts.appeared).toBe(0);
  expect(
    await past.counts({ asOf: at(10_000n), filter: { q: 'no such name' }, signal: never }),
  ).toEqual({});
});

test('a list and its counts of one moment fold the log once, even when too long to be kept', async () => {
  const events = someJobs();
  const { past, begun } = pastOf(model, events, storedInTime(events), { keptJobs: 1 });
  const asked = { asOf: at(200n), filter: {}, signal: never };
  const [{ items }, counts] = await Promise.all([past.list(asked), past.counts(asked)]);
  expect(Object.values(counts).reduce((sum, many) => sum + many, 0)).toBe(items.length);
  expect(begun).toHaveLength(1);
});

test('a comparison is as bounded as a list: of too many jobs it is refused, and leaves the turn to the next one', async () => {
  const events = someJobs();
  const { past } = pastOf(model, events, storedInTime(events), { maxJobs: 11 });
  const asked = { asOf: at(0n), other: at(10_000n), filter: {}, signal: never };
  await expect(past.differences(asked)).rejects.toThrow(TooManyJobs);
  const ofBob = await past.differences({ ...asked, filter: { ownerId: 'bob' } });
  expect(ofBob.counts.appeared).toBe(4);
  await expect(past.differences(asked)).rejects.toThrow(TooManyJobs);
});
