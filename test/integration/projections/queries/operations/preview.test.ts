import type { JobEvent } from '../../../../../domain/job/events';
import type { JobFilter } from '../../../../../domain/job/filter';
import { selected } from '../../../../../domain/operation/definition';
import { operationPreview } from '../../../../../projections/queries/operations/preview';
import { readModel } from '../../../../../projections/projections';
import { announceProjected } from '../../../../../projections/writing/projected';
import { projectionWriter } from '../../../../../projections/writing/projection-writer';
import type { WriteSession } from '../../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../../support/job-histories';
import {
  cancelled,
  dispatched,
  failed,
  scheduled,
  started,
  succeeded,
  t,
} from '../../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';
import { worksOf } from '../../../../support/work-of';

let model: TestReadModel;
let session: WriteSession;
let position = 0n;

beforeAll(async () => {
  model = await createReadModel();
});
afterAll(() => model.dispose());
beforeEach(async () => {
  await model.clear();
  position = 0n;
  session = await model.openSession();
});
afterEach(() => session.close());

/** @param seconds  when each of the events came */
const projectAt = async (
  n: number,
  ...events: readonly (readonly [seconds: number, JobEvent])[]
): Promise<void> => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const its = events.map(([seconds, event], revision) =>
    recorded(testJobId(n), BigInt(revision), ++position, event, t(seconds)),
  );
  await writer.apply(its, position);
};

const project = (n: number, ...events: readonly JobEvent[]): Promise<void> =>
  projectAt(n, ...events.map((event) => [20, event] as const));

const cancelOf = (filter: JobFilter) => selected('cancel', filter);

const running = [scheduled(), dispatched(), started()] as const;

test('of jobs that are named a dry run counts those it would be about, and the others by status; none of another owner', async () => {
  await project(1, scheduled());
  await project(2, ...running);
  await project(3, ...running);
  await project(4, ...running, succeeded);
  await project(5, scheduled(), cancelled);
  await project(6, scheduled({ ownerId: 'bob' }), dispatched(), started());
  await project(7, ...running); // is not named
  const { preview } = operationPreview(model.db);
  const asked = { jobIds: [1, 2, 3, 4, 5, 6, 8].map(testJobId), max: 10, sample: 5, upTo: 1 };
  expect(await preview({ ...asked, filter: cancelOf({ ownerId: 'ada' }) })).toMatchObject({
    ...{ count: 1, sample: [{ jobId: testJobId(1) }] },
    others: [
      { status: 'cancelled', count: 1 },
      { status: 'running', count: 2 },
      { status: 'succeeded', count: 1 },
    ],
    isComplete: true, // who named them knows how many they are
  });
  // an operator is about the jobs of anybody
  expect((await preview({ ...asked, filter: cancelOf({}) }))?.others).toContainEqual({
    ...{ status: 'running', count: 3 },
  });
});

describe('of a filter', () => {
  const red = { tags: ['red'] };
  const bob = { ...red, ownerId: 'bob' };

  test('a dry run counts by status what fits but for that; nothing of another owner', async () => {
    await project(1, scheduled(red));
    await project(2, scheduled(red), dispatched(), started());
    await project(3, scheduled(red), dispatched(), started(), succeeded);
    await project(4, scheduled({ ...red, queue: 'mail' }), cancelled);
    await project(5, scheduled(bob), dispatched(), started());
    await project(6, ...running); // is not red
    const { preview } = operationPreview(model.db);
    const asked = { max: 10, sample: 5, upTo: 10 };
    const mine = { ownerId: 'ada', tag: 'red' };
    expect(await preview({ ...asked, filter: cancelOf(mine) })).toMatchObject({
      count: 1,
      others: [
        { status: 'cancelled', count: 1 },
        { status: 'running', count: 1 },
        { status: 'succeeded', count: 1 },
      ],
      isComplete: true,
    });
    const inMail = cancelOf({ ...mine, queue: 'mail' });
    expect(await preview({ ...asked, filter: inMail })).toMatchObject({
      ...{ count: 0, others: [{ status: 'cancelled', count: 1 }] },
    });
    const redriven = selected('redrive', mine);
    expect((await preview({ ...asked, filter: redriven }))?.others).toContainEqual({
      ...{ status: 'scheduled', count: 1 },
    });
  });

  test('of one error there are others where they failed, and for a redrive none: nothing is looked at', async () => {
    const dead = [...running, failed] as const;
    await project(1, ...dead);
    await project(2, ...running);
    const { preview } = operationPreview(model.db);
    const asked = { max: 10, sample: 5, upTo: 10, since: t(0) };
    const cause: JobFilter = { ownerId: 'ada', errorCode: 'boom' };
    expect(await preview({ ...asked, filter: cancelOf(cause) })).toMatchObject({
      ...{ count: 0, others: [{ status: 'failed', count: 1 }] },
    });
    const redriven = { ...asked, filter: selected('redrive', cause) };
    expect(await preview(redriven)).toMatchObject({
      ...{ count: 1, others: [], isComplete: true, startedSince: 0 },
    });
    expect(await worksOf(model.db, () => preview(redriven))).toHaveLength(2); // the count and the sample
  });

  test('it counts those that have started since it was looked at, of those that were there then', async () => {
    const life = (seconds: number, startedAt: number) =>
      [
        [seconds, scheduled(red)],
        [startedAt, dispatched()],
        [startedAt, started()],
      ] as const;
    await projectAt(1, [10, scheduled(red)]);
    await projectAt(2, ...life(10, 29)); // was running then
    await projectAt(3, ...life(10, 31));
    await projectAt(4, ...life(10, 31), [40, succeeded]);
    await projectAt(5, ...life(31, 32)); // nobody can have seen it
    await projectAt(6, [10, scheduled(bob)], [31, dispatched()], [31, started()]);
    const { preview } = operationPreview(model.db);
    const asked = { max: 10, sample: 5, upTo: 10 };
    const filter = cancelOf({ ownerId: 'ada', tag: 'red' });
    expect(await preview({ ...asked, filter, since: t(30) })).toMatchObject({ startedSince: 2 });
    expect(await preview({ ...asked, filter })).not.toHaveProperty('startedSince');
    const jobIds = [1, 2, 3, 6].map(testJobId);
    expect(await preview({ ...asked, filter, jobIds, since: t(30) })).toMatchObject({
      ...{ count: 1, startedSince: 1 },
    });
  });

  test('of more than are looked at it says so: there are at least so many', async () => {
    for (let n = 0; n < 6; n++) await project(n, ...running);
    const { preview } = operationPreview(model.db);
    const asked = { filter: cancelOf({ ownerId: 'ada' }), max: 10, sample: 5 };
    const others = [{ status: 'running', count: 6 }];
    expect(await preview({ ...asked, upTo: 6 })).toMatchObject({ others, isComplete: true });
    const some = await preview({ ...asked, upTo: 3 });
    expect(some?.isComplete).toBe(false);
    expect(some?.others[0]?.count).toBeLessThan(6);
  });

  test('nothing is told of more jobs than one operation may change', async () => {
    for (let n = 0; n < 3; n++) await project(n, scheduled());
    const { preview, count } = operationPreview(model.db);
    const filter = cancelOf({});
    expect(await preview({ filter, max: 3, sample: 1, upTo: 1 })).toMatchObject({ count: 3 });
    expect(await preview({ filter, max: 2, sample: 1, upTo: 1 })).toBeUndefined();
    expect(await count(filter, 1)).toBe(2);
  });

  test('what has ended is found without a look at all that is still to come', async () => {
    const ROWS = 20_000;
    const ENDED = 5_000;
    await model.db.raw(
      `insert into jobs (job_id, revision, position, due_at, scheduled_at, timeout_ms, cutoff_ms, attempt,
                         abort_requested, status, owner_id, name, location, queue, tags, retry)
       select gen_random_uuid(), 0, n, now() + (n - :ended) * interval '1 second', now(), 1, 0, 1, false,
              case when n < :ended then 'succeeded' when n = :rows then 'cancelled' else 'scheduled' end,
              'ada', 'job', 'print:', 'default', '{}', '{}'
       from generate_series(1, :rows::integer) n`,
      { rows: ROWS, ended: ENDED },
    );
    await model.db.raw('vacuum analyze jobs');
    const { preview } = operationPreview(model.db);
    const ada = { ownerId: 'ada' };
    for (const filter of [cancelOf(ada), cancelOf({ ...ada, status: ['scheduled'] })]) {
      const asked = { filter, max: ROWS, sample: 1, upTo: 1_000 };
      expect(await preview(asked)).toMatchObject({
        others: [
          { status: 'cancelled', count: 1 },
          { status: 'succeeded', count: 1_001 },
        ],
        isComplete: false,
      });
      const works = await worksOf(model.db, () => preview(asked));
      expect(works.at(-1)?.rows).toBeLessThan((ROWS - ENDED) / 2);
    }
  });
});
