import * as fc from 'fast-check';
import { dueHeap } from '../../../../processes/dispatching/due-heap';

test('whatever the order of arrival, what is due first comes out first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 })), (dueTimes) => {
      const heap = dueHeap<{ readonly dueAt: number }>();
      for (const dueAt of dueTimes) heap.push({ dueAt });
      const out = dueTimes.map(() => heap.pop()?.dueAt);
      expect(out).toEqual([...dueTimes].sort((a, b) => a - b));
      expect(heap.pop()).toBeUndefined();
    }),
    { seed: 7 },
  );
});

test('items that come between two that leave find their place', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 20 }))), (steps) => {
      const heap = dueHeap<{ readonly dueAt: number }>();
      const model: number[] = [];
      for (const step of steps) {
        if (step === null) {
          expect(heap.pop()?.dueAt).toBe(model.shift());
        } else {
          heap.push({ dueAt: step });
          model.push(step);
          model.sort((a, b) => a - b);
        }
        expect(heap.size()).toBe(model.length);
        expect(heap.peek()?.dueAt).toBe(model[0]);
      }
    }),
    { seed: 7 },
  );
});
