import { setTimeout as pause } from 'node:timers/promises';
import type { JobEvent } from '../../../../domain/job/events';
import type { JobFilter, JobKey } from '../../../../domain/job/filter';
import { jobStatuses } from '../../../../domain/job/state';
import { toTimestamp } from '../../../../domain/time';
import { jobCounts } from '../../../../projections/queries/job-counts';
import { jobQueries } from '../../../../projections/queries/jobs';
import { operationPreview } from '../../../../projections/queries/operations/preview';
import { operationSelection } from '../../../../projections/queries/operations/selection';
import { readModel } from '../../../../projections/projections';
import { searchIndex } from '../../../../projections/search/search-index';
import { announceProjected } from '../../../../projections/writing/projected';
import {
  projectionWriter,
  type ProjectionWriter,
} from '../../../../projections/writing/projection-writer';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../support/job-histories';
import {
  attemptFailed,
  dispatched,
  rescheduled,
  scheduled,
  started,
  t,
} from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { worksOf } from '../../../support/work-of';

let model: TestReadModel;
let session: WriteSession;
let writer: ProjectionWriter;
let position = 0n;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(() => model.dispose());
// one a test: the server ends a session that says nothing for 15 s, as a busy machine takes for many jobs
afterEach(() => session.close());
beforeEach(async () => {
  session = await model.openSession();
  await model.clear();
  writer = await projectionWriter(session, readModel, announceProjected);
  position = 0n;
});

/** Of few jobs as well, for the index is asked after so many. */
const NEARBY = 5;
const JOBS = 400;

/** The same numbers each time. */
const draws = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
};

const names = [
  'send newsletter',
  'Send NEWSLETTER no. 17',
  '100%_sure\\',
  '100% off',
  'snake_case',
  'snakeXcase',
  '每日报告',
  '每周报告 2026',
  'Cafe\u0301'.normalize('NFC'),
  'Cafe\u0301', // as it was kept before names were normalized
  'ΟΔΟΣ σας',
  'İstanbul ısı',
  '😀 smile',
  'o\'clock, {"a":1}',
  'x'.repeat(200),
  '',
] as const;
const words = [
  'newsletter',
  'NO. 1',
  '%',
  '_',
  '\\',
  '0%_',
  'e_c',
  '日',
  '报告',
  '每周报',
  'Café',
  'Cafe\u0301',
  'Σ',
  'οδος',
  'i',
  'IST',
  '😀',
  "'",
  '"a"',
  'x'.repeat(200),
  'x'.repeat(199) + 'y',
  'nothing',
];
const tags = ['a', 'b', 'x,"y', '报'] as const;
const queues = ['default', 'mail', 'bulk'] as const;
const owners = ['ada', 'bob', "o'hara"] as const;

const project = async (n: number, revision: number, ...events: readonly JobEvent[]) => {
  const its = events.map((event, index) =>
    recorded(testJobId(n), BigInt(revision + index), ++position, event, Date.now()),
  );
  await writer.apply(its, position);
};

/** Makes jobs of which many are due at the same times, and lets things happen to them. */
const live = async (draw: (below: number) => number, from: number, to: number) => {
  for (let n = from; n < to; n++) {
    const dueAt = t(draw(40));
    const definition = {
      name: names[draw(names.length)] ?? '',
      ownerId: owners[draw(owners.length)] ?? '',
      queue: queues[draw(queues.length)] ?? '',
      tags: tags.filter(() => draw(3) === 0),
    };
    await project(n, 0, scheduled(definition, dueAt));
  }
};

/** What happens to a job, as long as it is scheduled for the first time. */
const happen = async (draw: (below: number) => number, n: number): Promise<void> => {
  const { rows } = await model.db.raw<{
    rows: readonly [{ readonly due_at: Date; readonly revision: string }];
  }>('select due_at, revision from jobs where job_id = ?', [testJobId(n)]);
  const [{ due_at: due, revision }] = rows;
  if (revision !== '0') return;
  const dueAt = due.getTime();
  const retried = [dispatched(1, dueAt), started(), attemptFailed(1, t(draw(60)))];
  const choices = [
    [rescheduled(t(draw(60)), dueAt)],
    [dispatched(1, dueAt), started()],
    retried,
    [{ type: 'JobCancelled', data: { dueAt: toTimestamp(dueAt) } } as const],
  ];
  await project(n, 1, ...(choices[draw(choices.length)] ?? retried));
};

/** What a plain filter gives, in SQL of its own. */
const plain = async (filter: JobFilter): Promise<readonly string[]> => {
  const { ownerId, tag, queue, q, status, from, to } = filter;
  const { rows } = await model.db.raw<{ rows: readonly { readonly job_id: string }[] }>(
    `select job_id from jobs
     where owner_id = coalesce(:ownerId::text, owner_id) and queue = coalesce(:queue::text, queue)
       and (:tag::text is null or :tag::text = any(tags))
       and (:q::text is null or strpos(lower(name), lower(:q::text)) > 0)
       and (:status::text is null or status = any(string_to_array(:status::text, ',')))
       and due_at >= coalesce(:from::timestamptz, '-infinity') and due_at < coalesce(:to::timestamptz, 'infinity')
     order by due_at desc, job_id desc`,
    {
      ...{ ownerId: ownerId ?? null, tag: tag ?? null, queue: queue ?? null, q: q ?? null },
      status: status?.join(',') ?? null,
      from: from === undefined ? null : toTimestamp(from),
      to: to === undefined ? null : toTimestamp(to),
    } as never,
  );
  return rows.map(({ job_id: jobId }) => jobId);
};

/** All pages of a list, one after the other. */
const paged = async (filter: JobFilter, limit: number): Promise<readonly string[]> => {
  const { list } = jobQueries(model.db, NEARBY);
  const found: string[] = [];
  for (let after: JobKey | undefined; ;) {
    const { items, next } = await list(filter, { limit, ...(after && { after }) });
    found.push(...items.map(({ jobId }) => jobId));
    if (!next) return found;
    after = next;
  }
};

/** @param upTo  so many are looked at of those that it would not be about */
const dryRun = (filter: JobFilter, max: number, upTo = max) =>
  operationPreview(model.db).preview({ filter, max, sample: 5, upTo });

/** What an operation would change, and as many as its dry run says, which counts the others too. */
const selected = async (filter: JobFilter): Promise<readonly string[]> => {
  const { byFilter } = operationSelection(model.db);
  const { jobIds } = await byFilter(filter, { position, at: Date.now() }, JOBS);
  const { count, sample = [], others = [] } = (await dryRun(filter, JOBS)) ?? {};
  expect(count).toBe(jobIds.length);
  expect(sample.map(({ jobId }) => jobId)).toEqual(jobIds.slice(0, 5));
  const { status = jobStatuses, ...fitting } = filter;
  const rest = jobStatuses.filter((one) => !status.includes(one));
  expect(others.reduce((sum, other) => sum + other.count, 0)).toBe(
    (await plain({ ...fitting, status: rest })).length,
  );
  return jobIds;
};

const maybe = <T>(draw: (below: number) => number, choices: readonly T[]): T | undefined =>
  draw(2) === 0 ? undefined : choices[draw(choices.length)];

const filterOf = (draw: (below: number) => number, q: string | undefined): JobFilter => {
  const all = {
    ownerId: maybe(draw, owners),
    tag: maybe(draw, [...tags, 'none']),
    queue: maybe(draw, [...queues, 'none']),
    status: draw(3) > 0 ? undefined : (['scheduled', 'running'] as const),
    from: draw(4) > 0 ? undefined : t(draw(20)),
    to: draw(4) > 0 ? undefined : t(20 + draw(20)),
    q,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
};

/** Statements that ask the index, while `work` is under way. */
const asksOfIndex = async (work: () => Promise<unknown>): Promise<number> => {
  let asks = 0;
  const listen = ({ sql }: { readonly sql: string }): void => {
    if (sql.includes('search_jobs')) asks += 1;
  };
  model.db.on('query', listen);
  await work();
  model.db.removeListener('query', listen);
  return asks;
};

const catchUp = async (): Promise<void> => {
  const { step } = searchIndex(model.db);
  while ((await step()) === 'more');
};

test('a search gives what a plain filter gives, whatever the index knows of the jobs already', async () => {
  const draw = draws(17);
  const compare = async (): Promise<void> => {
    for (const q of [...words, undefined, undefined, undefined, undefined])
      for (let i = 0; i < 3; i++) {
        const filter = filterOf(draw, q);
        const expected = await plain(filter);
        expect([filter, await paged(filter, 1 + draw(20))]).toEqual([filter, expected]);
        expect([filter, await selected(filter)]).toEqual([filter, expected.toReversed()]);
      }
  };
  await live(draw, 0, JOBS / 2);
  expect(await asksOfIndex(compare)).toBe(0); // nobody has begun with it
  await catchUp();
  expect(await asksOfIndex(compare)).toBeGreaterThan(20);
  await live(draw, JOBS / 2, JOBS);
  for (let i = 0; i < 60; i++) await happen(draw, draw(JOBS));
  expect(await asksOfIndex(compare)).toBeGreaterThan(20); // half of the jobs are unknown to it
  await catchUp();
  for (let i = 0; i < 60; i++) await happen(draw, draw(JOBS));
  await catchUp();
  expect(await asksOfIndex(compare)).toBeGreaterThan(20);
}, 120_000);

test('pages have no gap and no repeat while jobs change their status and the index follows', async () => {
  for (let n = 0; n < 60; n++)
    await project(n, 0, scheduled({ tags: n % 2 === 0 ? ['even'] : [] }, t(50 + (n % 7))));
  await catchUp();
  const filter: JobFilter = { tag: 'even' };
  const expected = await plain(filter);
  const { list } = jobQueries(model.db, NEARBY);
  const found: string[] = [];
  let changed = 0;
  for (let after: JobKey | undefined; ;) {
    const { items, next } = await list(filter, { limit: 4, ...(after && { after }) });
    found.push(...items.map(({ jobId }) => jobId));
    for (let i = 0; i < 6; i++, changed++)
      if (changed < 60) await project(changed, 1, dispatched(1, t(50 + (changed % 7))), started());
    if (changed % 12 === 0) await catchUp();
    if (!next) break;
    after = next;
  }
  expect(found).toEqual(expected);
  expect(changed).toBeGreaterThan(30);
});

test('of tables that have just been exchanged nothing is taken from the index of those before', async () => {
  for (let n = 0; n < 20; n++) await project(n, 0, scheduled({ tags: ['x'] }));
  await catchUp();
  await model.db('jobs').where('job_id', testJobId(3)).update({ tags: '{}' });
  await model.db('checkpoint').increment('generation', 1);
  const filter: JobFilter = { tag: 'x' };
  expect(await paged(filter, 6)).toEqual(await plain(filter));
  await catchUp();
  expect(await asksOfIndex(() => paged(filter, 6))).toBeGreaterThan(0);
  expect(await paged(filter, 6)).toEqual(await plain(filter));
});

test('a page is of one moment, though the index goes on while it is read', async () => {
  for (let n = 0; n < 40; n++) await project(n, 0, scheduled({ name: `old ${n}` }, t(100 - n)));
  await catchUp();
  const { list } = jobQueries(model.db, NEARBY);
  let isOver = false;
  const reading = (async () => {
    for (let reads = 0; !isOver || reads < 10; reads++) {
      const { rows } = await model.db.raw<{ rows: readonly { readonly n: number }[] }>(
        `select count(*)::integer as n from jobs where name ilike '%new%'`,
      );
      const { items } = await list({ q: 'new' }, { limit: 200 });
      expect(items.length).toBeGreaterThanOrEqual(rows[0]?.n ?? 0);
      await pause(1);
    }
  })();
  for (let n = 40; n < 100; n++) {
    await project(n, 0, scheduled({ name: `new ${n}` }, t(n - 100)));
    await catchUp();
  }
  isOver = true;
  await reading;
});

describe('among very many jobs', () => {
  const ROWS = 20_000;
  const PAGE = 50;

  beforeEach(async () => {
    await model.db.raw(
      `insert into jobs (job_id, revision, position, due_at, scheduled_at, timeout_ms, cutoff_ms, attempt,
                         abort_requested, status, owner_id, name, location, queue, tags, retry)
       select gen_random_uuid(), 0, n, now() + n * interval '1 second', now(), 1, 0, 1, false, 'scheduled',
              case n % 2 when 0 then 'heavy' else 'owner-' || n % 1000 end,
              case when n < 20 then '每日报告 needle' when n % 100 = 1 then 'invoice ' || n else 'send newsletter' end,
              'print:', 'queue-' || n % 10, array['tag-' || n % 10, case when n < 20 then 'rare' else 'common' end], '{}'
       from generate_series(1, ?::integer) n`,
      [ROWS],
    );
    await catchUp();
    await model.db.raw('vacuum analyze jobs, search_jobs, search_names');
  });

  test('what few have is counted among all, what many have among those that are due last', async () => {
    const count = jobCounts(model.db);
    expect(await count({ tag: 'rare' }, 1_000)).toEqual({
      counts: { scheduled: 19 },
      isComplete: true,
    });
    expect(await count({ tag: 'rare', ownerId: 'heavy' }, 1_000)).toEqual({
      counts: { scheduled: 9 },
      isComplete: true,
    });
    // at least so many: those due first, none of which is among the latest
    await model.db.raw("update jobs set tags = array['old'] where position <= 5000");
    await model.db.raw('update search_jobs set labels = labels where false');
    expect(await asksOfIndex(() => count({ tag: 'common' }, 1_000))).toBe(0);
    expect(await count({ tag: 'common' }, 1_000)).toEqual({
      counts: { scheduled: 1_001 },
      isComplete: false,
    });
  });

  test('of what many have, and none of those that are due last, at least so many are counted as are few', async () => {
    await model
      .db('jobs')
      .where('position', '<=', 5_000)
      .update({ tags: model.db.raw(`array['old']`) });
    await model.db('search_progress').update({ generation: null }); // no event told of it
    await catchUp();
    expect(await jobCounts(model.db)({ tag: 'old' }, 1_000)).toEqual({
      counts: { scheduled: 2_001 },
      isComplete: false,
    });
  });

  const filters: readonly (readonly [JobFilter, number, string])[] = [
    [{ tag: 'rare' }, 19, 'a tag that few jobs have, those due first'],
    [{ tag: 'none' }, 0, 'a tag that no job has'],
    [{ tag: 'rare', queue: 'queue-3' }, 2, 'a rare tag and a common queue'],
    [{ ownerId: 'heavy', tag: 'rare' }, 9, 'of one who has half of all jobs'],
    [{ ownerId: 'heavy', queue: 'none' }, 0, 'a queue that none of his jobs is in'],
    [{ q: 'needle' }, 19, 'a word in few names'],
    [{ q: '日报' }, 19, 'two characters of Chinese'],
    [{ q: '报' }, 19, 'one character'],
    [{ q: 'Q' }, 0, 'a letter that no name has'],
    [{ q: '%' }, 0, 'a per cent sign'],
    [{ q: 'newsletter '.repeat(20).trim() }, 0, 'a long text that begins as many names do'],
    [{ q: 'invoice 1234' }, 0, 'a name that there is not'],
    [{ q: 'needle', status: ['running'] }, 0, 'a word and a status'],
  ];
  test('what few or no jobs have is found without a look at the others', async () => {
    for (const [filter, expected, why] of filters) {
      const { list } = jobQueries(model.db);
      const works = await worksOf(model.db, () => list(filter, { limit: PAGE }));
      const { items } = await list(filter, { limit: PAGE });
      expect(await dryRun(filter, ROWS, PAGE)).toMatchObject({ count: items.length });
      const previewed = await worksOf(model.db, () => dryRun(filter, ROWS, PAGE));
      expect([why, Math.max(...previewed.map(({ rows }) => rows)) < ROWS / 4]).toEqual([why, true]);
      expect([why, items.length]).toEqual([why, expected]);
      // the two thousand at hand, among which every second may be somebody else's, and no more
      expect([why, Math.max(...works.map(({ rows }) => rows)) < ROWS / 4]).toEqual([why, true]);
    }
  });

  test('a dry run counts by the index what few jobs have, and what many have among those at hand', async () => {
    const others = async (filter: JobFilter) => {
      const asks = await asksOfIndex(() => dryRun(filter, ROWS, PAGE));
      const { others: counts, isComplete } = (await dryRun(filter, ROWS, PAGE)) ?? {};
      return { asks, isComplete, counts };
    };
    const status = ['running'] as const;
    expect(await others({ tag: 'rare', status })).toMatchObject({
      ...{ counts: [{ status: 'scheduled', count: 19 }], isComplete: true },
    });
    // one ask is for what it would be about
    expect(await others({ tag: 'common', status })).toMatchObject({ asks: 1, isComplete: false });
  });

  test('what many jobs have is found at hand: the index would name all of them', async () => {
    const { list } = jobQueries(model.db);
    for (const filter of [{ tag: 'tag-3' }, { q: 'newsletter' }, { ownerId: 'heavy', q: 'e' }]) {
      expect(await asksOfIndex(() => list(filter, { limit: PAGE }))).toBe(0);
      expect((await list(filter, { limit: PAGE })).items).toHaveLength(PAGE);
    }
  });
});
