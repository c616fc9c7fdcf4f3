import type { RecordedEvent } from '../../../domain/event-log';
import { inSchema } from '../../../infra/postgres/session-settings';
import { migrate } from '../../../infra/postgres/migrate';
import { jobsProjection } from '../../../projections/jobs/jobs-projection';
import { migrations } from '../../../projections/migrations/migrations';
import { isEqual } from '../../../projections/replay/comparing/difference';
import type { ReplayOptions } from '../../../projections/replay/replay';
import { combined } from '../../../projections/writing/combined';
import { announceProjected } from '../../../projections/writing/projected';
import { projectionWriter } from '../../../projections/writing/projection-writer';
import { recorded, testJobId } from '../../support/job-histories';
import { dispatched, EPOCH, scheduled } from '../../support/jobs';
import { ownerDays, UNCOUNTABLE } from '../../support/owner-days';
import { createReadModel, type TestReadModel } from '../../support/read-model';
import { replayOf, shadow } from '../../support/replaying';

const both = combined('jobs', [jobsProjection, ownerDays]);
const allMigrations = [...migrations, ...ownerDays.migrations];

let model: TestReadModel;

beforeAll(async () => {
  model = await createReadModel();
  await migrate(model.url, allMigrations);
});
afterAll(async () => {
  await model.dispose();
});
beforeEach(async () => {
  await model.clear();
  await model.db.raw('truncate job_days, owner_days');
});

const DAY_MS = 24 * 3_600_000;

const scheduledBy = (ownerId: string, n: number, at = EPOCH): RecordedEvent =>
  recorded(testJobId(n), 0n, BigInt(n), scheduled({ ownerId }), at);

const log: readonly RecordedEvent[] = [
  scheduledBy('ann', 1),
  scheduledBy('ann', 2),
  scheduledBy('bob', 3),
  recorded(testJobId(1), 1n, 4n, dispatched()),
  scheduledBy('ann', 5, EPOCH + DAY_MS),
];

const project = async (...batches: readonly (readonly RecordedEvent[])[]): Promise<number> => {
  const session = await model.openSession();
  const writer = await projectionWriter(session, both, announceProjected);
  for (const batch of batches) await writer.apply(batch, batch.at(-1)?.position ?? 0n);
  await session.close();
  return writer.parkedCount();
};

const replayBoth = (events: readonly RecordedEvent[], options: Partial<ReplayOptions> = {}) => {
  const shadowUrl = inSchema(model.url, shadow);
  return replayOf(model, () => events, options, {
    readModel: both,
    build: allMigrations.map(({ name }) => name).join(' '),
    migrateShadow: () => migrate(shadowUrl, allMigrations),
  });
};

const counts = async (): Promise<readonly string[]> => {
  const { rows } = await model.db.raw<{ rows: readonly { readonly count: string }[] }>(
    `select owner_id || ' ' || day || ' ' || jobs as count from owner_days order by 1`,
  );
  return rows.map(({ count }) => count);
};

const COUNTED = ['ann 2026-11-23 2', 'ann 2026-11-24 1', 'bob 2026-11-23 1'];

test('two projections have their rows of a batch in one transaction, by one checkpoint', async () => {
  expect(await project(log.slice(0, 2), log.slice(2))).toBe(0);
  expect(await counts()).toEqual(COUNTED);
  expect(await model.db('jobs')).toHaveLength(4);
  expect(await model.db('checkpoint').pluck('position')).toEqual(['5']);
});

test('a replay compares the tables of both, and makes both anew', async () => {
  await project(log);
  const before = await replayBoth(log, { swaps: false });
  expect(before.differences.map(({ table }) => table)).toEqual([
    ...['jobs', 'due_jobs', 'status_feed', 'lateness', 'job_days', 'owner_days', 'parked_streams'],
  ]);
  expect(before.differences.filter((one) => !isEqual(one))).toEqual([]);

  await model.db.raw(`update owner_days set jobs = 7 where owner_id = 'bob'`);
  const { differences } = await replayBoth(log);
  expect(differences.filter((one) => !isEqual(one))).toMatchObject([
    {
      table: 'owner_days',
      rows: [{ key: 'bob 2026-11-23', columns: [{ column: 'jobs', live: '7', rebuilt: '1' }] }],
    },
  ]);
  expect(await counts()).toEqual(COUNTED);
  const { rows } = await model.db.raw<{ rows: readonly { readonly indexname: string }[] }>(
    `select indexname from pg_indexes where schemaname = 'public' and tablename in ('job_days', 'owner_days') order by 1`,
  );
  expect(rows.map(({ indexname }) => indexname)).toEqual([
    ...['job_days_pkey', 'owner_days_day', 'owner_days_pkey'],
  ]);
});

test('a replay fills a projection that is new to a log', async () => {
  await project(log);
  await model.db.raw('truncate job_days, owner_days');
  await replayBoth(log);
  expect(await counts()).toEqual(COUNTED);
});

test('a stream that one of them cannot apply is parked for both, live and in a rebuild', async () => {
  const withBad = [...log, scheduledBy(UNCOUNTABLE, 6), scheduledBy('bob', 7)];
  expect(await project(withBad)).toBe(1);
  expect(await model.db('jobs').where('job_id', testJobId(6))).toEqual([]);
  const { differences, parked } = await replayBoth(withBad, { swaps: false });
  expect(parked).toMatchObject([{ stream: `job-${testJobId(6)}`, revision: 0n }]);
  expect(differences.filter((one) => !isEqual(one))).toEqual([]);
});
