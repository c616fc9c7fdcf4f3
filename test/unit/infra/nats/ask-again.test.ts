import type { NatsConnection } from 'nats';
import { askAgain } from '../../../../infra/nats/ask-again';

const never = new Promise<string>(() => undefined);
const statuses = { [Symbol.asyncIterator]: () => ({ next: () => never }) };
const quiet = { status: () => statuses } as unknown as NatsConnection;

test('a question that nobody was there to hear is asked again before its time is over', async () => {
  const answers = [never, Promise.resolve('the new leader')];
  expect(await askAgain(quiet, () => answers.shift() ?? never)).toBe('the new leader');
  expect(answers).toEqual([]);
});

test('one that nobody answers at all fails with the first, and is asked no more', async () => {
  let asked = 0;
  const silence = async (): Promise<string> => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 400));
    throw new Error('no answer');
  };
  await expect(askAgain(quiet, silence)).rejects.toThrow('no answer');
  expect(asked).toBe(2);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(asked).toBe(2);
});
