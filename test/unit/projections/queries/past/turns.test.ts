import { setImmediate as nextTurn } from 'node:timers/promises';
import { turns } from '../../../../../projections/queries/past/turns';

// a list of the past takes hundreds of megabytes and the one thread that all requests share

const never = new AbortController().signal;

/** Work that ends when it is told to, and what has begun. */
const works = () => {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    begun,
    work: (name: string) => () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    },
    end: async (name: string): Promise<void> => {
      ends.get(name)?.();
      await nextTurn();
    },
  };
};

test('who asks for one list after another has one at a time, and holds up nobody else', async () => {
  const { begun, work, end } = works();
  const inTurn = turns(2);
  const asked = ['ada-1', 'ada-2', 'ada-3', 'bob-1', 'eve-1'].map((name) =>
    inTurn(name.slice(0, 3), never, work(name)),
  );
  await nextTurn();
  expect(begun).toEqual(['ada-1', 'bob-1']);
  await end('bob-1');
  expect(begun).toEqual(['ada-1', 'bob-1', 'eve-1']);
  await end('ada-1');
  expect(begun.at(-1)).toBe('ada-2');
  await end('ada-2');
  await end('ada-3');
  await end('eve-1');
  expect(await Promise.all(asked)).toEqual(['ada-1', 'ada-2', 'ada-3', 'bob-1', 'eve-1']);
});

test('who hangs up while waiting is told why and waits no more, and never begins', async () => {
  const { begun, work, end } = works();
  const inTurn = turns(1);
  const first = inTurn('ada', never, work('first'));
  const hung = new AbortController();
  const second = inTurn('bob', hung.signal, work('second'));
  const third = inTurn('eve', never, work('third'));
  hung.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  await expect(inTurn('bob', hung.signal, work('too late'))).rejects.toThrow('gone');
  await end('first');
  await end('third');
  expect(await Promise.all([first, third])).toEqual(['first', 'third']);
  expect(begun).toEqual(['first', 'third']);
});

test('work that fails gives its turn back', async () => {
  const inTurn = turns(1);
  await expect(inTurn('ada', never, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await inTurn('bob', never, () => Promise.resolve(1))).toBe(1);
});
