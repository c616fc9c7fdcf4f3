import { randomUUID } from 'node:crypto';
import supertest from 'supertest';
import { calendarsBy } from '../../../../../domain/schedule/calendars';
import type { ScheduleFilter } from '../../../../../domain/schedule/filter';
import type { KnownSchedule } from '../../../../../domain/schedule/state';
import { pinnedZones } from '../../../../../infra/tzdata/pinned';
import type { ScheduleList } from '../../../../../projections/queries/schedules/list';
import { olderZones } from '../../../../support/older-zones';
import { at, created, known, plannedAt } from '../../../../support/schedules';
import { apiUnderTest, bearer, fakeSchedules, keys, told } from '../../api-under-test';

// planned runs that newer zone data has elsewhere: whose they are, by pages, and where each goes

const PATH = '/v1/schedules/displaced';
const rule = { timing: { cron: '0 9 * * *' }, timeZone: 'Africa/Casablanca' };
const START = at('2026-12-01T00:00');

const plannedBy = (zones: typeof pinnedZones, ownerId: string): KnownSchedule => {
  const made = calendarsBy(zones).of(rule, START);
  if (!('calendar' in made)) throw new Error(made.problem);
  const story = created('2026-12-01T00:00', { rule, ownerId });
  return known(plannedAt(story, '2026-12-01T00:01', made.calendar));
};

/** The API over a read model of these, the newest first; its pages have one schedule each. */
const apiOver = (all: readonly KnownSchedule[], now: number, more: object = {}) => {
  const rows = all.map((schedule, n) => ({
    ...{ scheduleId: randomUUID(), createdAt: START - n, schedule },
  }));
  const filters: ScheduleFilter[] = [];
  const list = ((filter: ScheduleFilter, { after }: Parameters<ScheduleList['list']>[1]) => {
    filters.push(filter);
    const { ownerId } = filter;
    const own = rows.filter(
      ({ schedule }) => ownerId === undefined || schedule.definition.ownerId === ownerId,
    );
    const from = after ? own.findIndex(({ scheduleId }) => scheduleId === after.scheduleId) + 1 : 0;
    const next = own.length > from + 1 ? own[from] : undefined;
    return Promise.resolve({ items: own.slice(from, from + 1), ...(next && { next }) });
  }) as unknown as ScheduleList['list']; // of a row the route wants its id and place only
  const schedules = fakeSchedules({
    list,
    known: {
      find: (id) => Promise.resolve(rows.find(({ scheduleId }) => scheduleId === id)?.schedule),
    },
    ...more,
  });
  const { app } = apiUnderTest({ schedules, clock: { now: () => now } });
  const get = (key: string, query = '') =>
    supertest(app)
      .get(`${PATH}${query}`)
      .set({ authorization: bearer(key) })
      .then(told);
  return { get, rows, filters };
};

type Page = {
  readonly tzdata: string;
  readonly items: readonly { readonly scheduleId: string; readonly occurrences: unknown }[];
  readonly nextCursor?: string;
};
const pageOf = ({ body }: { readonly body: unknown }): Page => body as Page;

test('what was planned by older data is told with its job and where it belongs, what was planned by this is not', async () => {
  const [old, right] = [plannedBy(olderZones, 'alice'), plannedBy(pinnedZones, 'alice')];
  const { get, rows, filters } = apiOver([old, right], START);
  const first = pageOf(await get(keys.alice));
  expect(first).toMatchObject({
    tzdata: pinnedZones.version,
    items: [
      {
        scheduleId: rows[0]?.scheduleId,
        ...{ name: old.definition.name, ownerId: 'alice', timeZone: 'Africa/Casablanca' },
        occurrences: [
          {
            occurrenceAt: '2026-12-01T08:00:00.000Z',
            dueAt: '2026-12-01T08:00:00.000Z',
            jobId: old.ahead[0]?.jobId,
            movesTo: '2026-12-01T09:00:00.000Z',
          },
        ],
      },
    ],
  });
  // a page without any that goes on, or ends
  const second = pageOf(await get(keys.alice, `?cursor=${first.nextCursor}`));
  expect(second).toEqual({ tzdata: pinnedZones.version, items: [] });
  // deleted, paused and stopped ones have no runs that are to come
  expect(filters[0]).toEqual({ ownerId: 'alice', status: ['active', 'completed'] });
});

test('movesTo is absent when the right time has passed: it runs when it was going to', async () => {
  const calendars = calendarsBy(olderZones);
  const right = plannedBy(pinnedZones, 'alice');
  const { get } = apiOver([right], at('2026-12-01T08:30'), { calendars, zones: olderZones });
  const [item] = pageOf(await get(keys.alice)).items;
  expect(item?.occurrences).toEqual([
    {
      occurrenceAt: '2026-12-01T09:00:00.000Z',
      dueAt: '2026-12-01T09:00:00.000Z',
      jobId: right.ahead[0]?.jobId,
    },
  ]);
});

test('others see nothing of it, an operator sees all, and nobody goes on with the cursor of somebody else', async () => {
  const all = [plannedBy(olderZones, 'alice'), plannedBy(olderZones, 'alice')];
  const { get, rows } = apiOver(all, START);
  expect(pageOf(await get(keys.bob)).items).toEqual([]);
  expect((await get(keys.bob, '?ownerId=alice')).status).toBe(403);
  expect((await get(keys.executor)).status).toBe(403);
  const { nextCursor } = pageOf(await get(keys.alice));
  expect((await get(keys.bob, `?cursor=${nextCursor}`)).status).toBe(400);
  const byOperator = pageOf(await get(keys.operator, '?ownerId=alice'));
  expect(byOperator.items.map(({ scheduleId }) => scheduleId)).toEqual([rows[0]?.scheduleId]);
});

test('a page asks for one schedule at a time, so that it takes neither all connections nor a long turn', async () => {
  const all = Array.from({ length: 5 }, () => plannedBy(olderZones, 'alice'));
  const items = all.map(() => ({ scheduleId: randomUUID(), createdAt: START }));
  let [open, most] = [0, 0];
  const find = async () => {
    open += 1;
    most = Math.max(most, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return all[0];
  };
  const list = () => Promise.resolve({ items });
  const { get } = apiOver([], START, { list, known: { find } });
  expect(pageOf(await get(keys.alice)).items).toHaveLength(5);
  expect(most).toBe(1);
});
