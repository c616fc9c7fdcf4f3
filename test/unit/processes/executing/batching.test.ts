import { batching } from '../../../../processes/executing/batching';

/** A receiver that answers when it is told to. */
const receiver = (limits: { maxItems?: number; maxBytes?: number } = {}) => {
  const batches: {
    readonly requests: readonly string[];
    readonly answer: (answers: readonly string[]) => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  const ask = batching<string, string>({
    send: (requests) =>
      new Promise((answer, fail) => {
        batches.push({ requests, answer, fail });
      }),
    maxItems: limits.maxItems ?? 64,
    maxBytes: () => limits.maxBytes ?? 1_000,
    sizeOf: (text) => text.length,
  });
  const answerAll = async (): Promise<void> => {
    for (let batch = batches.shift(); batch; batch = batches.shift()) {
      batch.answer(batch.requests.map((request) => `${request}!`));
      await new Promise(setImmediate);
    }
  };
  return { ask, batches, answerAll };
};

test('the first request leaves at once and alone; those that come meanwhile leave together', async () => {
  const { ask, batches, answerAll } = receiver();
  const answers = ['a', 'b', 'c'].map(ask);
  expect(batches.map(({ requests }) => requests)).toEqual([['a']]);
  batches[0]?.answer(['a!']);
  await answers[0];
  await new Promise(setImmediate);
  expect(batches[1]?.requests).toEqual(['b', 'c']);
  batches.shift();
  await answerAll();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
});

test('a batch that is full does not wait for the one under way', async () => {
  const { ask, batches, answerAll } = receiver({ maxItems: 3 });
  const answers = ['a', 'b', 'c', 'd', 'e'].map(ask);
  expect(batches.map(({ requests }) => requests)).toEqual([['a'], ['b', 'c', 'd']]);
  await answerAll();
  expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!', 'e!']);
});

test('a batch stays below the size that the broker takes, and one large request goes alone', async () => {
  const { ask, batches, answerAll } = receiver({ maxBytes: 10 });
  const answers = ['-', '12345', '67890', 'x', 'y'.repeat(50)].map(ask);
  const sizes: number[] = [];
  while (batches.length > 0) {
    sizes.push(batches[0]?.requests.join('').length ?? 0);
    const batch = batches.shift();
    batch?.answer(batch.requests.map((request) => `${request}!`));
    await new Promise(setImmediate);
  }
  await answerAll();
  await Promise.all(answers);
  expect(sizes).toEqual([1, 10, 1, 50]);
});

test('a batch that fails tells each of its callers, and the next one goes on', async () => {
  const { ask, batches, answerAll } = receiver();
  const first = ask('a');
  batches.shift()?.fail(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  const second = ask('b');
  await answerAll();
  await expect(second).resolves.toBe('b!');
});

test('an answer with too few parts is an error for those that it leaves out', async () => {
  const { ask, batches } = receiver();
  const first = ask('a');
  batches.shift()?.answer([]);
  await expect(first).rejects.toThrow('too short');
});
