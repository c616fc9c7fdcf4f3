import { sharedWork } from '../../../../../projections/queries/past/shared-work';

/** Work that goes on until it is told to end or to give its result. */
const bench = () => {
  const begun: AbortSignal[] = [];
  const ends: ((result: string) => void)[] = [];
  const shared = sharedWork<string>();
  const ask = (key: string, signal = new AbortController().signal) =>
    shared(key, signal, (inner) => {
      begun.push(inner);
      return new Promise((resolve, reject) => {
        ends.push(resolve);
        inner.addEventListener('abort', () => reject(new Error('ended')));
      });
    });
  return { ask, begun, end: (result: string) => ends.at(-1)?.(result) };
};

test('who asks for what is being made waits for that, and both have it', async () => {
  const { ask, begun, end } = bench();
  const [one, other] = [ask('a'), ask('a')];
  end('made');
  expect(await Promise.all([one, other])).toEqual(['made', 'made']);
  expect(begun).toHaveLength(1);
  const anew = ask('a'); // what may still change is made anew
  end('made anew');
  expect(await anew).toBe('made anew');
});

test('one who hangs up leaves the others their work; the last one ends it', async () => {
  const { ask, begun, end } = bench();
  const [first, second] = [new AbortController(), new AbortController()];
  const one = ask('a', first.signal);
  const other = ask('a', second.signal);
  first.abort(new Error('hung up'));
  await expect(one).rejects.toThrow('hung up');
  expect(begun[0]?.aborted).toBe(false);
  second.abort(new Error('hung up too'));
  await expect(other).rejects.toThrow('hung up too');
  expect(begun[0]?.aborted).toBe(true);
  const next = ask('a'); // not that which is being ended
  end('made');
  expect(await next).toBe('made');
});

test('a failure is told to all who wait, and to nobody after them', async () => {
  const shared = sharedWork<string>();
  const { signal } = new AbortController();
  const fail = () => Promise.reject<string>(new Error('too many'));
  const both = [shared('a', signal, fail), shared('a', signal, fail)];
  for (const one of both) await expect(one).rejects.toThrow('too many');
  expect(await shared('a', signal, () => Promise.resolve('made'))).toBe('made');
});

test('who has hung up before begins nothing', async () => {
  const { ask, begun } = bench();
  await expect(ask('a', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(begun).toEqual([]);
});
