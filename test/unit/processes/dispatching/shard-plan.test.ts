import * as fc from 'fast-check';
import type { SlotLease } from '../../../../infra/postgres/shard-leases';
import { rangesOf, slotsToTake } from '../../../../processes/dispatching/shard-plan';

const table = (holderOf: (slot: number) => string | null, isLive = true): readonly SlotLease[] =>
  Array.from({ length: 256 }, (_, slot) => {
    const holder = holderOf(slot);
    return { slot, holder, isLive: isLive && holder !== null };
  });

/** The table after `me` has leased what it wanted. */
const afterRound = (leases: readonly SlotLease[], me: string): readonly SlotLease[] => {
  const taken = new Set(slotsToTake(leases, me).map(({ slot }) => slot));
  return leases.map((lease) =>
    taken.has(lease.slot) ? { ...lease, holder: me, isLive: true } : lease,
  );
};
const slotsOf = (leases: readonly SlotLease[], holder: string): readonly number[] =>
  leases.flatMap((lease) => (lease.isLive && lease.holder === holder ? [lease.slot] : []));

test('the only dispatcher takes everything', () => {
  expect(
    slotsToTake(
      table(() => null),
      'a',
    ),
  ).toHaveLength(256);
});

test('expired leases are free', () => {
  expect(
    slotsToTake(
      table(() => 'dead', false),
      'a',
    ),
  ).toHaveLength(256);
});

test('a newcomer takes half from the one who has all, as one range', () => {
  const shared = afterRound(
    table(() => 'a'),
    'b',
  );
  expect(slotsOf(shared, 'b')).toHaveLength(128);
  expect(rangesOf(slotsOf(shared, 'a'))).toHaveLength(1);
  expect(rangesOf(slotsOf(shared, 'b'))).toHaveLength(1);
});

test('who has its share takes nothing more, so slots do not wander', () => {
  const shared = table((slot) => (slot < 128 ? 'a' : 'b'));
  expect(slotsToTake(shared, 'a')).toEqual([]);
  expect(slotsToTake(shared, 'b')).toEqual([]);
});

test('with any number of dispatchers each slot has one holder and nobody has two more than another', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), {
    minLength: 1,
  });
  fc.assert(
    fc.property(names, fc.array(fc.nat({ max: 6 }), { maxLength: 30 }), (live, order) => {
      let leases = table(() => null);
      const turns = [...order.map((n) => live[n % live.length] ?? 'a'), ...live, ...live, ...live];
      for (const me of turns) leases = afterRound(leases, me);
      const shares = live.map((name) => slotsOf(leases, name).length);
      expect(shares.reduce((a, b) => a + b)).toBe(256);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }),
    { seed: 7, numRuns: 40 },
  );
});

test('ranges cover exactly the slots, in order', () => {
  expect(rangesOf([5, 3, 4, 9, 0])).toEqual([
    { from: 0, to: 0 },
    { from: 3, to: 5 },
    { from: 9, to: 9 },
  ]);
  expect(rangesOf([])).toEqual([]);
});
