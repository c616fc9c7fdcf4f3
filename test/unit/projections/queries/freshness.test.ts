import { unlessBeyond } from '../../../../projections/queries/freshness';

const never = () => Promise.resolve(false);

test.each`
  position | logEnd                                     | answer   | why
  ${100n}  | ${() => Promise.resolve(100n)}             | ${false} | ${'the read model is behind, and will come there'}
  ${101n}  | ${() => Promise.resolve(100n)}             | ${true}  | ${'handed out before the log was restored: it cannot come there'}
  ${101n}  | ${() => Promise.reject(new Error('away'))} | ${false} | ${'nobody can tell'}
`(
  'a position that was waited for in vain is answered by where the log ends: $why',
  async (row: { position: bigint; logEnd: () => Promise<bigint>; answer: boolean }) => {
    expect(await unlessBeyond(never, row.logEnd)(row.position, 10)).toBe(row.answer);
  },
);

test('the log is not asked about a position that the read model has', async () => {
  const logEnd = jest.fn(() => Promise.resolve(0n));
  expect(await unlessBeyond(() => Promise.resolve(true), logEnd)(100n, 10)).toBe(true);
  expect(logEnd).not.toHaveBeenCalled();
});
