import type { ShardLease, ShardLeases } from '../../../../infra/postgres/shard-leases';
import { shardHolder } from '../../../../processes/dispatching/shard-holder';
import { silentLogger } from '../../../support/processes';
import { until } from '../../../support/until';

/** Leases as the table has them. */
const table = () => {
  const holders = new Map<number, string>();
  const faults: Error[] = [];
  let reads = 0;
  const leases: ShardLeases = {
    read: () => {
      reads += 1;
      const fault = faults.shift();
      if (fault) return Promise.reject(fault);
      return Promise.resolve(
        Array.from({ length: 256 }, (_, shard): ShardLease => {
          const holder = holders.get(shard) ?? null;
          return { shard, holder, isLive: holder !== null && holder !== 'dead' };
        }),
      );
    },
    hold: (wanted, holder) => {
      for (const { shard } of wanted) holders.set(shard, holder);
      return Promise.resolve(wanted.map(({ shard }) => shard));
    },
    release: (holder) => {
      for (const [shard, its] of holders) if (its === holder) holders.delete(shard);
      return Promise.resolve();
    },
  };
  return { holders, faults, leases, reads: () => reads };
};

const start = (leases: ShardLeases) => {
  const told: number[] = [];
  const signs: string[] = [];
  const holder = shardHolder({
    ...{ leases, holder: 'me', everyMs: 1, ttlMs: 3_000, draw: () => 0, logger: silentLogger },
    vitals: {
      moved: () => undefined,
      standsBy: () => undefined,
      failed: (server) => void signs.push(`failed ${server}`),
      worked: (server) => void signs.push(`worked ${server}`),
    },
    onShards: (shards) => void told.push(shards.size),
  });
  const controller = new AbortController();
  const running = holder.run(controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await running;
  };
  return { told, signs, stop, holder };
};

test('a dispatcher that is alone takes all shards, and tells of it once', async () => {
  const { leases, reads } = table();
  const { told, signs, stop } = start(leases);
  await until(() => reads() >= 3);
  expect(told).toEqual([256]);
  expect(signs[0]).toBe('worked read-model');
  await stop();
});

test('it keeps its own, takes those of the dead, and leaves to others what is theirs', async () => {
  const { leases, holders } = table();
  for (let shard = 0; shard < 256; shard += 1) holders.set(shard, shard < 128 ? 'other' : 'dead');
  const { told, stop } = start(leases);
  await until(() => told.length > 0);
  expect(told).toEqual([128]);
  expect([...holders.values()].filter((holder) => holder === 'other')).toHaveLength(128);
  await stop();
});

test('shards of another number, or others of the same number, are told', async () => {
  const { leases, holders } = table();
  for (let shard = 0; shard < 256; shard += 1) holders.set(shard, shard % 2 === 0 ? 'me' : 'other');
  const { told, stop } = start(leases);
  await until(() => told.length === 1);
  holders.set(0, 'other');
  holders.set(1, 'me');
  await until(() => told.length === 2);
  expect(told).toEqual([128, 128]);
  await stop();
});

test('a database that is away takes no shard away: two on one shard are never wrong, none would be late', async () => {
  const { leases, faults, reads } = table();
  const { told, signs, stop } = start(leases);
  await until(() => told.length === 1);
  faults.push(new Error('away'), new Error('away'));
  const before = reads();
  await until(() => reads() > before + 3);
  expect(told).toEqual([256]);
  expect(signs.filter((sign) => sign === 'failed read-model')).toHaveLength(2);
  await stop();
});

test('what it holds is free for others at once when it is released', async () => {
  const { leases, holders } = table();
  const { told, stop, holder } = start(leases);
  await until(() => told.length === 1);
  await stop();
  await holder.release();
  expect(holders.size).toBe(0);
});
