import { contained } from '../../../infra/contained';

test('what a callback throws is told, and does not get into the hands of a driver', () => {
  const faults: unknown[] = [];
  const heard: string[] = [];
  const call = contained(
    (text: string) => {
      if (text === 'bad') throw new RangeError('Maximum call stack size exceeded');
      heard.push(text);
    },
    (error) => faults.push(error),
  );
  for (const text of ['one', 'bad', 'two']) call(text);
  expect(heard).toEqual(['one', 'two']);
  expect(faults).toEqual([new RangeError('Maximum call stack size exceeded')]);
});
