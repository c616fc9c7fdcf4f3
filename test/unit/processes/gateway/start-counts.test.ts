import { startCounts } from '../../../../processes/gateway/start-counts';

test('starts are counted in the queue that the executor said it serves, and taken once', () => {
  const counts = startCounts();
  counts.serves('x1', 'mail');
  counts.serves('x2', 'media');
  counts.started('x1');
  counts.started('x1');
  counts.started('x2');
  counts.serves('x1', 'default'); // it serves another queue from now on
  counts.started('x1');
  counts.started('never-heard');
  expect(Object.fromEntries(counts.take())).toEqual({ mail: 2, media: 1, default: 1 });
  expect(counts.take().size).toBe(0);
});

test('what could not be told is told with the next ones', () => {
  const counts = startCounts();
  counts.serves('x1', 'mail');
  counts.started('x1');
  const taken = counts.take();
  counts.started('x1');
  counts.giveBack(taken);
  expect(Object.fromEntries(counts.take())).toEqual({ mail: 2 });
});

test('names of executors may be invented without end: only so many are kept, those heard last', () => {
  const counts = startCounts(2);
  for (const name of ['x1', 'x2', 'x1', 'x3']) counts.serves(name, name);
  for (const name of ['x1', 'x2', 'x3']) counts.started(name);
  expect(Object.fromEntries(counts.take())).toEqual({ x1: 1, x3: 1 });
});
