import type { SlotLease, SlotLeases } from '../../../../infra/postgres/slot-leases';
import { slotHolder } from '../../../../processes/dispatching/slot-holder';
import { silentLog } from '../../../support/processes';
import { until } from '../../../support/until';

/** Leases as the table has them. */
const table = () => {
  const holders = new Map<number, string>();
  const faults: Error[] = [];
  let reads = 0;
  const leases: SlotLeases = {
    read: () => {
      reads += 1;
      const fault = faults.shift();
      if (fault) return Promise.reject(fault);
      return Promise.resolve(
        Array.from({ length: 256 }, (_, slot): SlotLease => {
          const holder = holders.get(slot) ?? null;
          return { slot, holder, isLive: holder !== null && holder !== 'dead' };
        }),
      );
    },
    hold: (wanted, holder) => {
      for (const { slot } of wanted) holders.set(slot, holder);
      return Promise.resolve(wanted.map(({ slot }) => slot));
    },
    release: (holder) => {
      for (const [slot, its] of holders) if (its === holder) holders.delete(slot);
      return Promise.resolve();
    },
  };
  return { holders, faults, leases, reads: () => reads };
};

const start = (leases: SlotLeases) => {
  const told: number[] = [];
  const signs: string[] = [];
  const holder = slotHolder({
    ...{ leases, holder: 'me', everyMs: 1, ttlMs: 3_000, draw: () => 0, log: silentLog },
    vitals: {
      moved: () => undefined,
      standsBy: () => undefined,
      failed: (server) => void signs.push(`failed ${server}`),
      worked: (server) => void signs.push(`worked ${server}`),
    },
    onSlots: (slots) => void told.push(slots.size),
  });
  const controller = new AbortController();
  const running = holder.run(controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await running;
  };
  return { told, signs, stop, holder };
};

test('a dispatcher that is alone takes all slots, and tells of it once', async () => {
  const { leases, reads } = table();
  const { told, signs, stop } = start(leases);
  await until(() => reads() >= 3);
  expect(told).toEqual([256]);
  expect(signs[0]).toBe('worked read-model');
  await stop();
});

test('it keeps its own, takes those of the dead, and leaves to others what is theirs', async () => {
  const { leases, holders } = table();
  for (let slot = 0; slot < 256; slot += 1) holders.set(slot, slot < 128 ? 'other' : 'dead');
  const { told, stop } = start(leases);
  await until(() => told.length > 0);
  expect(told).toEqual([128]);
  expect([...holders.values()].filter((holder) => holder === 'other')).toHaveLength(128);
  await stop();
});

test('slots of another number, or others of the same number, are told', async () => {
  const { leases, holders } = table();
  for (let slot = 0; slot < 256; slot += 1) holders.set(slot, slot % 2 === 0 ? 'me' : 'other');
  const { told, stop } = start(leases);
  await until(() => told.length === 1);
  holders.set(0, 'other');
  holders.set(1, 'me');
  await until(() => told.length === 2);
  expect(told).toEqual([128, 128]);
  await stop();
});

test('a database that is away takes no slot away: two on one slot are never wrong, none would be late', async () => {
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
