import fc from 'fast-check';
import { addedDigest, digestOf } from '../../../../domain/audit/digest';

// verify adds digests up in the order of the log and in that of the rows, and takes a difference for a broken promise

const digests = fc.array(
  fc.oneof(
    fc.string().map(digestOf),
    fc.maxSafeNat(),
    fc.constantFrom(0, 1, Number.MAX_SAFE_INTEGER),
  ),
  { maxLength: 30 },
);
const sumOf = (all: readonly number[]): number => all.reduce(addedDigest, 0);

test('digests have one sum in whatever order they are added: the log and the rows have them in different ones', () => {
  fc.assert(
    fc.property(
      digests.chain((all) =>
        fc.tuple(
          fc.constant(all),
          fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length }),
        ),
      ),
      ([all, shuffled]) => {
        expect(sumOf(shuffled)).toBe(sumOf(all));
      },
    ),
  );
});

test('a sum is that of the numbers, modulo 2^53 - 1', () => {
  fc.assert(
    fc.property(digests, (all) => {
      const exact = all.reduce((sum, digest) => sum + BigInt(digest), 0n);
      expect(BigInt(sumOf(all))).toBe(exact % BigInt(Number.MAX_SAFE_INTEGER));
    }),
  );
});
