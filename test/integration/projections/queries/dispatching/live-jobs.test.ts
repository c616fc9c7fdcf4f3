import type { JobEvent } from '../../../../../domain/job/events';
import { announceProjected } from '../../../../../projections/projected';
import { projectionWriter } from '../../../../../projections/writing/projection-writer';
import { countLiveJobs } from '../../../../../projections/queries/dispatching/live-jobs';
import { countUnstartedJobs } from '../../../../../projections/queries/dispatching/unstarted-jobs';
import { jobsProjection } from '../../../../../projections/registry';
import type { WriteSession } from '../../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../../support/job-histories';
import { dispatched, scheduled, started } from '../../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';

let model: TestReadModel;
let session: WriteSession;
let position = 0n;

beforeAll(async () => {
  model = await createReadModel();
  session = await model.openSession();
  await project(1, scheduled({ ownerId: 'ada lovelace' }), dispatched());
  await project(2, scheduled({ ownerId: 'ada lovelace' }), dispatched());
  await project(3, scheduled({ ownerId: 'ada lovelace', queue: 'mail' }), dispatched());
  await project(4, scheduled({ ownerId: 'ada lovelace' }), dispatched(), started());
  await project(5, scheduled({ ownerId: 'bob' }), dispatched());
  await project(6, scheduled({ ownerId: 'bob' }));
});
afterAll(async () => {
  await session.close();
  await model.dispose();
});

const project = async (n: number, ...events: readonly JobEvent[]): Promise<void> => {
  const writer = await projectionWriter(session, jobsProjection, announceProjected);
  const its = events.map((event, revision) =>
    recorded(testJobId(n), BigInt(revision), ++position, event),
  );
  await writer.apply(its, position);
};

test('unstarted jobs are counted by queue and owner, or by queue, in the order asked for', async () => {
  const flows = [
    { queue: 'mail', ownerId: 'bob' },
    { queue: 'default', ownerId: 'ada lovelace' },
    { queue: 'mail', ownerId: 'ada lovelace' },
    { queue: 'default', ownerId: 'bob' },
    { queue: 'default' },
  ];
  expect(await countUnstartedJobs(model.db, flows)).toEqual({ position, jobs: [0, 2, 1, 1, 3] });
});

test('live jobs are those that wait for their start and those that run', async () => {
  const { position: counted, jobs } = await countLiveJobs(model.db);
  expect(counted).toBe(position);
  expect(new Set(jobs)).toEqual(
    new Set([
      { queue: 'default', ownerId: 'ada lovelace', jobs: 3 },
      { queue: 'mail', ownerId: 'ada lovelace', jobs: 1 },
      { queue: 'default', ownerId: 'bob', jobs: 1 },
    ]),
  );
});
