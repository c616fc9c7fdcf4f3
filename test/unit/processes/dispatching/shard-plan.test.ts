import * as fc from 'fast-check';
import type { ShardLease } from '../../../../infra/postgres/shard-leases';
import { rangesOf, shardsToTake } from '../../../../processes/dispatching/shard-plan';

const table = (holderOf: (shard: number) => string | null, isLive = true): readonly ShardLease[] =>
  Array.from({ length: 256 }, (_, shard) => {
    const holder = holderOf(shard);
    return { shard, holder, isLive: isLive && holder !== null };
  });

/** The table after `me` has leased what it wanted. */
const afterRound = (leases: readonly ShardLease[], me: string): readonly ShardLease[] => {
  const taken = new Set(shardsToTake(leases, me).map(({ shard }) => shard));
  return leases.map((lease) =>
    taken.has(lease.shard) ? { ...lease, holder: me, isLive: true } : lease,
  );
};
const shardsOf = (leases: readonly ShardLease[], holder: string): readonly number[] =>
  leases.flatMap((lease) => (lease.isLive && lease.holder === holder ? [lease.shard] : []));

test('the only dispatcher takes everything', () => {
  expect(
    shardsToTake(
      table(() => null),
      'a',
    ),
  ).toHaveLength(256);
});

test('expired leases are free', () => {
  expect(
    shardsToTake(
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
  expect(shardsOf(shared, 'b')).toHaveLength(128);
  expect(rangesOf(shardsOf(shared, 'a'))).toHaveLength(1);
  expect(rangesOf(shardsOf(shared, 'b'))).toHaveLength(1);
});

test('who has its share takes nothing more, so shards do not wander', () => {
  const shared = table((shard) => (shard < 128 ? 'a' : 'b'));
  expect(shardsToTake(shared, 'a')).toEqual([]);
  expect(shardsToTake(shared, 'b')).toEqual([]);
});

test('with any number of dispatchers each shard has one holder and nobody has two more than another', () => {
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), {
    minLength: 1,
  });
  fc.assert(
    fc.property(names, fc.array(fc.nat({ max: 6 }), { maxLength: 30 }), (live, order) => {
      let leases = table(() => null);
      const turns = [...order.map((n) => live[n % live.length] ?? 'a'), ...live, ...live, ...live];
      for (const me of turns) leases = afterRound(leases, me);
      const shares = live.map((name) => shardsOf(leases, name).length);
      expect(shares.reduce((a, b) => a + b)).toBe(256);
      expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
    }),
    { seed: 7, numRuns: 40 },
  );
});

test('ranges cover exactly the shards, in order', () => {
  expect(rangesOf([5, 3, 4, 9, 0])).toEqual([
    { from: 0, to: 0 },
    { from: 3, to: 5 },
    { from: 9, to: 9 },
  ]);
  expect(rangesOf([])).toEqual([]);
});
