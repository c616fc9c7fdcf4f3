import { livenessOf, type Liveness } from '../../../cli/pace';
import { createReadModel, type TestReadModel } from '../../support/read-model';

let model: TestReadModel;
let liveness: Liveness;
beforeAll(async () => {
  model = await createReadModel();
  liveness = livenessOf(model.url);
});
afterAll(async () => {
  await liveness.close();
  await model.dispose();
});

test('a system works while its projector moves, and is idle when it has not for some seconds', async () => {
  await liveness.look?.(); // connected: what it is asked next is answered without delay
  await model.db.raw('update checkpoint set position = 1, applied_at = clock_timestamp()');
  expect(await liveness.look?.()).toEqual({ isLive: true, isLate: false, position: 1n });
  await model.db.raw(`update checkpoint set applied_at = clock_timestamp() - interval '1 minute'`);
  expect((await liveness.look?.())?.isLive).toBe(false);
});

test('one whose read tables are lost does not work, so a replay brings them back at full speed', async () => {
  await model.db.raw('drop schema public cascade; create schema public');
  expect((await liveness.look?.())?.isLive).toBe(false);
});

test('without a read model there is nobody to ask', () => {
  expect(livenessOf(undefined).look).toBeUndefined();
});
