import { isProjecting } from '../../../projections/queries/live-activity';
import { createReadModel, type TestReadModel } from '../../support/read-model';

let readModel: TestReadModel;
beforeAll(async () => {
  readModel = await createReadModel();
});
afterAll(() => readModel.dispose());

test.each`
  position | applied                                      | isLive   | why
  ${-1}    | ${'clock_timestamp()'}                       | ${false} | ${'nothing was ever applied'}
  ${5}     | ${'clock_timestamp()'}                       | ${true}  | ${'the projector is at it'}
  ${5}     | ${"clock_timestamp() - interval '1 minute'"} | ${false} | ${'it has had nothing to do for long'}
`(
  'a checkpoint at $position with $applied is live: $isLive, for $why',
  async ({ position, applied, isLive }: { position: number; applied: string; isLive: boolean }) => {
    await readModel.db.raw(`update checkpoint set position = ?, applied_at = ${applied}`, [
      position,
    ]);
    expect(await isProjecting(readModel.db)).toBe(isLive);
  },
);

test('a database without the projection has no live system', async () => {
  expect(await isProjecting(readModel.db, 'no-such-projection')).toBe(false);
});
