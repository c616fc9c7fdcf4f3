import { stat } from 'node:fs/promises';
import { within } from '../../../infra/within';

const standStill = (forMs: number): void => {
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < forMs);
};

test('a call that takes longer is given up with the error that was asked for', async () => {
  const never = new Promise<void>(() => undefined);
  await expect(within(never, 5, () => new Error('late'))).rejects.toThrow('late');
});

test('what came while the program itself stood still counts: it is read before anybody is given up', async () => {
  await new Promise((resolve) => setImmediate(resolve)); // timers come next, then sockets
  const late = jest.fn(() => new Error('late'));
  const found = within(stat(__filename), 10, late);
  standStill(100);
  expect((await found).isFile()).toBe(true);
  expect(late).not.toHaveBeenCalled();
});
