import fc from 'fast-check';
import { firstOf, forEachInParts } from '../../../../../projections/queries/past/in-parts';

const order = (a: number, b: number): number => a - b;

test('the first so many are those of the sorted whole, whatever order they come in', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 20 })),
      fc.constantFrom(1, 3, 10, Infinity),
      (numbers, limit) => {
        const first = firstOf(limit, order);
        for (const one of numbers) first.add(one);
        expect(first.all()).toEqual(numbers.toSorted(order).slice(0, limit));
      },
    ),
  );
});

const many = (count: number) => Array.from({ length: count }, (_, n) => n);
const { signal: never } = new AbortController();

test('a long list is gone through in parts: others have their turn before it is done', async () => {
  const seen: string[] = [];
  const going = forEachInParts(many(12_000), never, (n) => {
    if (n === 0 || n === 11_999) seen.push(String(n));
  });
  setImmediate(() => seen.push('another'));
  await going;
  expect(seen).toEqual(['0', 'another', '11999']);
});

test('it ends when nobody waits for it any more', async () => {
  const controller = new AbortController();
  let last = 0;
  const going = forEachInParts(many(100_000), controller.signal, (n) => {
    last = n;
  });
  controller.abort(new Error('hung up'));
  await expect(going).rejects.toThrow('hung up');
  expect(last).toBeLessThan(99_999);
});
