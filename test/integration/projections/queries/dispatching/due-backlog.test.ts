import {
  dueJobs,
  LANE,
  LANE_COUNT,
  type DueCursor,
  type LaneSpan,
} from '../../../../../projections/queries/dispatching/due-jobs';
import { queuedJobs } from '../../../../../projections/queries/rescuing/queued-jobs';
import { allLanes, allShards } from '../../../../support/due-rows';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';
import { isLong } from '../../../../support/rounds';
import { workOf } from '../../../../support/work-of';

// who has a backlog pays for what he takes of it, or it never goes

let model: TestReadModel;
beforeAll(async () => {
  model = await createReadModel();
});
afterAll(async () => {
  await model.dispose();
});

/** In the long rounds the backlog of which a page took a second in the field. */
const ROWS = isLong ? 200_000 : 20_000;
const PAGE = 1_000;
const DUE_AT = Date.parse('2026-11-23T12:00:00Z');

/** Half of them one owner's, the others of a thousand; so much apart from one another. */
const fill = async (apartUs: number): Promise<void> => {
  await model.clear();
  await model.db.raw(
    `insert into due_jobs (job_id, due_at, slot, revision, position, attempt, timeout_ms, owner_id, name,
                           location, queue)
     select gen_random_uuid(), to_timestamp(?::float8 / 1000) + n * ? * interval '1 microsecond', n % 256, 0, n, 1,
            60000, case n % 2 when 0 then 'heavy' else 'owner-' || n % 1000 end, 'n', 'print:', 'default'
     from generate_series(1, ?::integer) n`,
    [DUE_AT, apartUs, ROWS],
  );
  await model.db.raw('vacuum analyze due_jobs');
};
const laneOf = async (ownerId: string): Promise<number> => {
  const { rows } = await model.db.raw<{ rows: readonly { lane: number }[] }>(
    `select ${LANE}::integer as lane from (select 'default' as queue, ?::text as owner_id) as one`,
    [ownerId],
  );
  return rows[0]?.lane ?? 0;
};

describe.each([
  ['at one instant', 0],
  ['spread over ten minutes', Math.ceil(600e6 / ROWS)],
])('with very many jobs due %s', (_, apartUs) => {
  const dueUpTo = DUE_AT + 700_000;
  const look = (spans: readonly LaneSpan[]) => () =>
    dueJobs(model.db).find({ spans, shards: allShards, limit: Math.ceil(PAGE / spans.length) });

  beforeAll(() => fill(apartUs));

  test('a page of all lanes looks at no more rows than it gives', async () => {
    const { rows } = await workOf(model.db, look(allLanes(dueUpTo)));
    expect(rows).toBeGreaterThan(PAGE / 2);
    expect(rows).toBeLessThanOrEqual(PAGE + LANE_COUNT);
  });

  test('nor does a page of the lane of the one who has most, the first or one far behind it', async () => {
    const lane = await laneOf('heavy');
    let after: DueCursor | undefined;
    const next = () => look([{ lane, dueUpTo, ...(after && { after }) }])();
    expect((await workOf(model.db, next)).rows).toBe(PAGE);
    for (let page = 0; page < 5; page++) after = (await next()).at(-1);
    expect((await workOf(model.db, next)).rows).toBe(PAGE);
  });

  test('the rows of others in his lane cost by those of his that are passed over', async () => {
    const scanLimit = 2 * PAGE;
    const lane = await laneOf('heavy');
    const { pages } = await workOf(model.db, () =>
      dueJobs(model.db).findOthers({
        ...{ lane, dueUpTo, shards: allShards, scanLimit, limit: PAGE },
        passing: [{ queue: 'default', ownerId: 'heavy' }],
      }),
    );
    expect(pages).toBeLessThan(scanLimit + PAGE / 2);
  });

  test('a look for what is due looks at nothing while all of it waits', async () => {
    const { rows, pages } = await workOf(model.db, look(allLanes(DUE_AT - 1)));
    expect(rows).toBeLessThanOrEqual(LANE_COUNT);
    expect(pages).toBeLessThan(LANE_COUNT * 5);
  });
});

test('a page of those whose messages wait looks at its own rows, wherever it begins', async () => {
  await model.db.raw(
    `insert into jobs (job_id, revision, position, due_at, scheduled_at, dispatched_at, sent_at, timeout_ms,
       cutoff_ms, attempt, delivery, abort_requested, status, owner_id, name, location, queue, tags, retry)
     select gen_random_uuid(), 1, n, now(), now(), now(), now(), 60000, 0, 0, 1, false, 'queued', 'ada', 'n',
       'print:', 'default', '{}', '{}'
     from generate_series(1, ?::integer) n`,
    [ROWS],
  );
  await model.db.raw('vacuum analyze jobs');
  const { page } = queuedJobs(model.db);
  for (const after of [0n, BigInt(ROWS - 2 * PAGE)])
    expect((await workOf(model.db, () => page(after, PAGE))).rows).toBe(PAGE);
});
