import type { RecordedEvent } from '../../../../domain/event-log';
import type { JobEvent } from '../../../../domain/job/events';
import { toTimestamp } from '../../../../domain/time';
import { deadLetters, type DeadLetters } from '../../../../projections/queries/dead-letters';
import { jobCounts } from '../../../../projections/queries/job-counts';
import { jobQueries } from '../../../../projections/queries/jobs';
import { operationPreview } from '../../../../projections/queries/operations/preview';
import { operationSelection } from '../../../../projections/queries/operations/selection';
import { readModel } from '../../../../projections/projections';
import { announceProjected } from '../../../../projections/writing/projected';
import { projectionWriter } from '../../../../projections/writing/projection-writer';
import type { WriteSession } from '../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../support/job-histories';
import { never, pastOf, storedInTime } from '../../../support/past';
import { dispatched, scheduled, started, t } from '../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { workOf } from '../../../support/work-of';

let model: TestReadModel;
let session: WriteSession;
let position = 0n;
let log: RecordedEvent[] = [];

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
  log = [];
});

const project = async (n: number, events: readonly JobEvent[], at: number): Promise<void> => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const its = events.map((event, revision) =>
    recorded(testJobId(n), BigInt(revision), ++position, event, at),
  );
  await writer.apply(its, position);
  log.push(...its);
};

/** As of now by the log. */
const foldedNow = async (ownerId: string | undefined): Promise<DeadLetters> =>
  await pastOf(model, log, storedInTime(log)).past.deadLetters({
    asOf: { kind: 'position', position },
    ...{ ownerId, maxCauses: 10, signal: never },
  });

type Dead = { readonly code: string; readonly queue?: string; readonly ownerId?: string };

const dead = ({ code, ...definition }: Dead, message = `${code}!`): readonly JobEvent[] => [
  scheduled({ name: `dies of ${code}`, ...definition }, t(10)),
  dispatched(1, t(10)),
  started(),
  { type: 'JobFailed', data: { attempts: 1, error: { code, message } } },
];

const told = async (ownerId?: string, maxCauses = 10, maxCounted = 1_000) =>
  (await deadLetters(model.db)(ownerId, maxCauses, maxCounted)).causes.map(
    ({ errorCode, queue, jobs }) => [errorCode, queue, jobs],
  );

test('dead letters are told by error and queue: how many, the first, the last and what that said', async () => {
  await project(1, dead({ code: 'HTTP_500' }), t(20));
  await project(2, dead({ code: 'HTTP_500' }, 'upstream is away'), t(40));
  await project(3, dead({ code: 'HTTP_500', queue: 'mail' }), t(25));
  await project(4, dead({ code: 'TIMEOUT' }), t(30));
  expect(await deadLetters(model.db)('ada', 10, 1_000)).toEqual({
    causes: [
      {
        ...{ errorCode: 'HTTP_500', queue: 'default', jobs: 2, isCounted: true },
        ...{ firstAt: toTimestamp(t(20)), lastAt: toTimestamp(t(40)) },
        last: {
          ...{ jobId: testJobId(2), ownerId: 'ada' },
          ...{ name: 'dies of HTTP_500', message: 'upstream is away' },
        },
      },
      expect.objectContaining({ errorCode: 'TIMEOUT', queue: 'default', jobs: 1 }),
      expect.objectContaining({ errorCode: 'HTTP_500', queue: 'mail', jobs: 1 }),
    ],
    isComplete: true,
  });
});

test('nobody sees those of others, an operator sees all', async () => {
  await project(1, dead({ code: 'A' }), t(20));
  await project(2, dead({ code: 'A', ownerId: 'bob' }), t(21));
  await project(3, dead({ code: 'B', ownerId: 'bob' }), t(22));
  expect(await told('ada')).toEqual([['A', 'default', 1]]);
  expect(await told('bob')).toEqual([
    ['B', 'default', 1],
    ['A', 'default', 1],
  ]);
  expect(await told()).toEqual([
    ['B', 'default', 1],
    ['A', 'default', 2],
  ]);
  expect(await told('nobody')).toEqual([]);
  for (const ownerId of ['ada', 'bob', 'nobody', undefined])
    expect(await foldedNow(ownerId)).toEqual(await deadLetters(model.db)(ownerId, 10, 1_000));
});

test('what is tried again is no dead letter any more, nor is what may still be tried', async () => {
  const again = { type: 'JobRedriven', data: { dueAt: toTimestamp(t(60)) } } as const;
  await project(1, [...dead({ code: 'A' }), again], t(20));
  const retried: JobEvent = {
    type: 'JobAttemptFailed',
    data: {
      ...{ attempt: 1, cause: 'reported', retryAt: toTimestamp(t(90)) },
      error: { code: 'A', message: '' },
    },
  };
  await project(2, [scheduled({}, t(10)), dispatched(1, t(10)), started(), retried], t(20));
  expect(await told()).toEqual([]);
  expect((await jobQueries(model.db).list({ errorCode: 'A' }, { limit: 5 })).items).toEqual([]);
});

test('what it counts and tells is bounded, and it says so: a million dead letters cost what a few cost', async () => {
  for (let n = 0; n < 6; n++) await project(n, dead({ code: n < 5 ? 'A' : 'B' }), t(20 + n));
  const few = await deadLetters(model.db)(undefined, 1, 3);
  expect(few.isComplete).toBe(false);
  expect(few.causes).toMatchObject([{ errorCode: 'A', jobs: 1, isCounted: false }]);
  const all = await deadLetters(model.db)(undefined, 2, 10);
  expect(all.isComplete).toBe(true);
  expect(all.causes).toMatchObject([
    { errorCode: 'B', jobs: 1, isCounted: true },
    { errorCode: 'A', jobs: 5, isCounted: true },
  ]);
});

test('the jobs of a cause are those that its code and queue select, in lists, counts and operations alike', async () => {
  const code = `it's "50 %" \\ of ü`;
  await project(1, dead({ code }), t(20));
  await project(2, dead({ code: 'other' }), t(20));
  await project(3, dead({ code, ownerId: 'bob' }), t(20));
  const filter = { ownerId: 'ada', errorCode: code, queue: 'default' };
  const { items } = await jobQueries(model.db).list(filter, { limit: 5 });
  expect(items.map(({ jobId }) => jobId)).toEqual([testJobId(1)]);
  expect((await jobCounts(model.db)(filter, 10)).counts).toEqual({ failed: 1 });
  const selection = operationSelection(model.db);
  expect(await operationPreview(model.db).count(filter, 10)).toBe(1);
  expect((await selection.byFilter(filter, { position, at: t(99) }, 10)).jobIds).toEqual([
    testJobId(1),
  ]);
});

test.each([
  ['a NUL in its message', { code: 'A', message: 'x\0y' }, ''],
  ['a lone surrogate', { code: '\ud800', message: '' }, ''],
  [
    'a code longer than any that is reported',
    { code: 'x'.repeat(5_000), message: '' },
    'x'.repeat(200),
  ],
  ['no code at all', { message: 'B' }, ''],
])(
  'an error that no executor could report, with %s, holds up nothing',
  async (_what, error, code) => {
    await project(1, dead({ code: 'A' }), t(20));
    await model.db.raw('update jobs set error = ?::json', [JSON.stringify(error)]);
    expect(await told()).toEqual([[code, 'default', 1]]);
  },
);

test('both are read from an index of dead letters alone, whatever else there is', async () => {
  await project(1, dead({ code: 'A' }), t(20));
  const statements: string[] = [];
  const note = ({ sql }: { readonly sql: string }): number => statements.push(sql);
  model.db.on('query', note);
  await deadLetters(model.db)(undefined, 5, 5);
  await deadLetters(model.db)('ada', 5, 5);
  await jobQueries(model.db).list({ errorCode: 'A', queue: 'default' }, { limit: 5 });
  model.db.off('query', note);
  expect(statements).toHaveLength(3);
  const values = [
    [5, 5],
    ['ada', 'ada', 5, 5, 'ada', 'ada', 'ada'],
    ['default', 'A', 6],
  ];
  await model.db.transaction(async (transaction) => {
    await transaction.raw('set local enable_seqscan = off');
    for (const [n, sql] of statements.entries()) {
      const given = sql.replaceAll(/\$(\d+)/g, (_all, place) => {
        const value = values[n]?.[Number(place) - 1];
        return typeof value === 'number' ? String(value) : `'${String(value)}'`;
      });
      const { rows } = await transaction.raw<{ rows: readonly { 'QUERY PLAN': string }[] }>(
        `explain ${given}`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan).toMatch(n < 2 ? /jobs_dead/ : /jobs_(dead|unsuccessful)/);
      expect(plan).not.toMatch(/Seq Scan on jobs|using jobs_(?!dead|unsuccessful)/);
    }
  });
});

test('a page of one error is read in its order, however many jobs died of it: nothing is sorted', async () => {
  const { db } = model;
  await db.raw(
    `insert into jobs (job_id, revision, position, due_at, scheduled_at, finished_at, timeout_ms, cutoff_ms, attempt,
                       abort_requested, status, owner_id, name, location, queue, tags, retry, error)
     select gen_random_uuid(), 4, n, now() - n * interval '1 second', now(), now(), 60000, 0, 1, false, 'failed',
            case n % 3 when 0 then 'ada' else 'bob' end, 'job ' || n, 'print:', 'queue-' || n % 7, '{}', '{}',
            json_build_object('code', case n % 2 when 0 then 'A' else 'E-' || n % 100 end, 'message', '')
     from generate_series(1, 6000) n`,
  );
  await db.raw('analyze jobs');
  const { list } = jobQueries(db);
  for (const ownerId of ['ada', undefined]) {
    const filter = { errorCode: 'A', ...(ownerId !== undefined && { ownerId }) };
    const first = await list(filter, { limit: 20 });
    expect(first.items.map(({ dueAt }) => dueAt)).toEqual(
      first.items
        .map(({ dueAt }) => dueAt)
        .toSorted()
        .toReversed(),
    );
    for (const after of [undefined, first.next])
      expect(
        (await workOf(db, () => list(filter, { limit: 20, ...(after && { after }) }))).rows,
      ).toBeLessThan(60);
  }
});
