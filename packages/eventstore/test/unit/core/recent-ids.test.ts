import fc from 'fast-check';
import { recentIds } from '../../../core/recent-ids';

const idOf = (n: number): Buffer => {
  const id = Buffer.alloc(16);
  id.writeUInt32BE(n, 12);
  return id;
};

test('the newest ids are known with their last place, by stream, as a plain map would know them', () => {
  const capacity = 8;
  const added = fc.record({ stream: fc.constantFrom('a', 'b'), id: fc.nat({ max: 30 }) });
  fc.assert(
    fc.property(fc.array(added, { maxLength: 60 }), (events) => {
      const recent = recentIds(capacity);
      events.forEach(({ stream, id }, i) => recent.add(stream, idOf(id), i, i + 1));
      const kept = new Map(events.map(({ stream, id }, i) => [`${stream}${id}`, i]));
      for (const [key, place] of kept) {
        const known = recent.get(key.slice(0, 1), idOf(Number(key.slice(1))));
        if (place >= events.length - capacity)
          expect(known).toEqual({ revision: place, sequence: place + 1 });
        else expect([undefined, place]).toContain(known?.revision);
      }
      expect(recent.get('c', idOf(1))).toBeUndefined();
    }),
  );
});

test('past twice the capacity the oldest are forgotten, so that memory is bounded', () => {
  const recent = recentIds(100);
  for (let n = 0; n < 1_000; n += 1) recent.add('s', idOf(n), n, n);
  expect(recent.get('s', idOf(999))).toEqual({ revision: 999, sequence: 999 });
  expect(recent.get('s', idOf(900))).toBeDefined();
  expect(recent.get('s', idOf(799))).toBeUndefined();
  recent.clear();
  expect(recent.get('s', idOf(999))).toBeUndefined();
});
