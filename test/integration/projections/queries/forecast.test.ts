import type { JobEvent } from '../../../../domain/job/events';
import { announceProjected } from '../../../../projections/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import { findCrowdedMinutes } from '../../../../projections/queries/crowded-minutes';
import { forecast, type ForecastQuery } from '../../../../projections/queries/forecast';
import { jobsProjection } from '../../../../projections/registry';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../support/job-histories';
import { cancelled, dispatched, EPOCH, scheduled, t } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

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
beforeEach(async () => {
  await model.clear();
  position = 0n;
});

const project = async (n: number, events: readonly JobEvent[]): Promise<void> => {
  const writer = await projectionWriter(session, jobsProjection, announceProjected);
  const its = events.map((event, revision) =>
    recorded(testJobId(n), BigInt(revision), ++position, event),
  );
  await writer.apply(its, position);
};

const hour: ForecastQuery = { step: 'minute', from: EPOCH, to: EPOCH + HOUR_MS, limit: 100 };
const asked = async (changes: Partial<ForecastQuery> = {}) => {
  const { buckets } = await forecast(model.db)({ ...hour, ...changes });
  return buckets.map(({ at, group, jobs }) => [at - EPOCH, group, jobs]);
};

describe('a forecast', () => {
  beforeEach(async () => {
    await project(1, [scheduled({}, t(0))]);
    await project(2, [scheduled({ queue: 'mail' }, t(59.999))]);
    await project(3, [scheduled({ ownerId: 'Zoe' }, t(60))]);
    await project(4, [
      scheduled({}, t(70)),
      { ...cancelled, data: { dueAt: new Date(t(70)).toISOString() } } as JobEvent,
    ]);
    await project(5, [scheduled({}, t(80)), dispatched(1, t(80))]);
    await project(6, [scheduled({}, t(3_600))]);
    await project(7, [scheduled({}, t(90 * 86_400))]);
  });

  const cases: readonly (readonly [Partial<ForecastQuery>, readonly unknown[], string])[] = [
    [
      {},
      [
        [0, '', 2],
        [MINUTE_MS, '', 1],
      ],
      'only what still waits, minutes without jobs left out, the end not included',
    ],
    [{ from: t(60) }, [[MINUTE_MS, '', 1]], 'the beginning is included'],
    [
      { by: 'queue' },
      [
        [0, 'default', 1],
        [0, 'mail', 1],
        [MINUTE_MS, 'default', 1],
      ],
      'by queue',
    ],
    [
      { by: 'owner' },
      [
        [0, 'ada', 2],
        [MINUTE_MS, 'Zoe', 1],
      ],
      'by owner',
    ],
    [{ ownerId: 'ada' }, [[0, '', 2]], 'of one owner'],
    [{ ownerId: 'ada', queue: 'mail', by: 'queue' }, [[0, 'mail', 1]], 'of one owner and queue'],
    [{ ownerId: 'nobody' }, [], 'of a stranger'],
    [
      { step: 'hour', to: EPOCH + 2 * HOUR_MS },
      [
        [0, '', 3],
        [HOUR_MS, '', 1],
      ],
      'by hour',
    ],
    [
      { step: 'day', from: EPOCH - 12 * HOUR_MS, to: EPOCH + 366 * DAY_MS },
      [
        [-12 * HOUR_MS, '', 4],
        [89.5 * DAY_MS, '', 1],
      ],
      'by day, over the year and its partitions',
    ],
  ];
  test.each(cases)('%j gives %j: %s', async (changes, expected) => {
    expect(await asked(changes)).toEqual(expected);
  });

  test('pages follow one another without gap or repeat, also inside of a bucket', async () => {
    const whole = await asked({ by: 'queue' });
    const seen: unknown[] = [];
    let after: ForecastQuery['after'];
    do {
      const query = { ...hour, by: 'queue', limit: 1, ...(after && { after }) } as const;
      const { buckets, next } = await forecast(model.db)(query);
      seen.push(...buckets.map(({ at, group, jobs }) => [at - EPOCH, group, jobs]));
      after = next;
    } while (after);
    expect(seen).toEqual(whole);
  });
});

test('a forecast plans the partitions of its window only, as many as there are', async () => {
  const plans: string[] = [];
  const explaining = {
    raw: async (text: string, values: readonly string[]) => {
      const { rows } = await model.db.raw<{ rows: readonly object[] }>(`explain ${text}`, [
        ...values,
      ]);
      plans.push(JSON.stringify(rows));
      return { rows: [] };
    },
  } as unknown as TestReadModel['db']; // all that the query uses of it
  await forecast(explaining)(hour);
  const months = new Set(plans[0]?.match(/due_jobs_\d{4}_\d\d/g)?.map((name) => name.slice(0, 16)));
  expect([...months]).toEqual([
    `due_jobs_${new Date(EPOCH).toISOString().slice(0, 7).replace('-', '_')}`,
  ]);
});

describe('crowded minutes', () => {
  const fill = async (jobs: number, minute: number): Promise<void> => {
    await model.db.raw(
      `insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms, owner_id, name, location, queue)
       select gen_random_uuid(), to_timestamp(?::float8 / 1000) + n % 60 * interval '1 second', 0, 0, 0, 1, 1, 'ada', 'a', 'print:', 'default'
       from generate_series(1, ?) n`,
      [EPOCH + minute * MINUTE_MS, jobs],
    );
  };

  test('are those with as many jobs as asked for or more, from a time on', async () => {
    await fill(5, -1);
    await fill(5, 0);
    await fill(4, 1);
    await fill(7, 2);
    const { jobs, share } = await findCrowdedMinutes(model.db)(EPOCH, 5);
    expect(share).toBe(1);
    expect([...jobs]).toEqual([
      [EPOCH + 2 * MINUTE_MS, 7],
      [EPOCH, 5],
    ]);
  });

  test('of a table too large to be read are estimated from a sample of its pages', async () => {
    await fill(20_000, 0);
    await fill(300, 1);
    await model.db.raw('analyze due_jobs');
    const { jobs, share } = await findCrowdedMinutes(model.db)(EPOCH, 5_000, 10_000);
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
    // half of the pages, drawn by chance: far from 300 and not further from 20,000 than chance allows
    expect([...jobs.keys()]).toEqual([EPOCH]);
    expect(jobs.get(EPOCH)).toBeGreaterThan(12_000);
    expect(jobs.get(EPOCH)).toBeLessThan(28_000);
  });

  test('of a table that was never analysed its size tells how much to read', async () => {
    await fill(20_000, 0);
    const { share } = await findCrowdedMinutes(model.db)(EPOCH, 1, 1_000);
    expect(share).toBeGreaterThan(0.01);
    expect(share).toBeLessThan(0.3);
  });
});
