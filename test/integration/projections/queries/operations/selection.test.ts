import type { JobEvent } from '../../../../../domain/job/events';
import { selected } from '../../../../../domain/operation/definition';
import { operationSelection } from '../../../../../projections/queries/operations/selection';
import { readModel } from '../../../../../projections/projections';
import { announceProjected } from '../../../../../projections/writing/projected';
import { projectionWriter } from '../../../../../projections/writing/projection-writer';
import type { WriteSession } from '../../../../../projections/writing/write-session';
import { recorded, testJobId } from '../../../../support/job-histories';
import { cancelled, dispatched, scheduled, started, succeeded, t } from '../../../../support/jobs';
import { createReadModel, type TestReadModel } from '../../../../support/read-model';

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

const project = async (n: number, ...events: readonly JobEvent[]): Promise<void> => {
  const writer = await projectionWriter(session, readModel, announceProjected);
  const its = events.map((event, revision) =>
    recorded(testJobId(n), BigInt(revision), ++position, event, t(20)),
  );
  await writer.apply(its, position);
};

const running = [scheduled(), dispatched(), started()] as const;

test('of jobs that are named a dry run counts those it would be about, and the others by status; none of another owner', async () => {
  await project(1, scheduled());
  await project(2, ...running);
  await project(3, ...running);
  await project(4, ...running, succeeded);
  await project(5, scheduled(), cancelled);
  await project(6, scheduled({ ownerId: 'bob' }), dispatched(), started());
  await project(7, ...running); // is not named
  const { preview } = operationSelection(model.db);
  const named = [1, 2, 3, 4, 5, 6, 8].map(testJobId);
  const found = await preview(selected('cancel', { ownerId: 'ada' }), named, 10, 5);
  expect(found).toMatchObject({ count: 1, sample: [{ jobId: testJobId(1) }] });
  expect(found.others).toEqual([
    { status: 'cancelled', count: 1 },
    { status: 'running', count: 2 },
    { status: 'succeeded', count: 1 },
  ]);
  // an operator is about the jobs of anybody
  const byOperator = await preview(selected('cancel', {}), named, 10, 5);
  expect(byOperator.others).toContainEqual({ status: 'running', count: 3 });
});

test('of a filter there are no others: what it does not select, nobody has named', async () => {
  const { preview } = operationSelection(model.db);
  expect(await preview(selected('cancel', {}), undefined, 10, 0)).not.toHaveProperty('others');
});
