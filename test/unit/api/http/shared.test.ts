import { shared } from '../../../../api/http/shared';

/** Answers when told to; what is asked is written down. */
const answering = () => {
  const asked: string[] = [];
  const waiting: ((answer: string | Error) => void)[] = [];
  const answer = (question: string): Promise<string> =>
    new Promise((resolve, reject) => {
      asked.push(question);
      waiting.push((given) => {
        if (given instanceof Error) reject(given);
        else resolve(given);
      });
    });
  const next = async (given: string | Error): Promise<void> => {
    waiting.shift()?.(given);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { ask: shared(answer, String), asked, next };
};

test('who asks while the same is being answered shares the next answer: what he has just seen change is in it', async () => {
  const { ask, asked, next } = answering();
  const first = ask('counts');
  const meanwhile = [ask('counts'), ask('counts'), ask('counts')];
  expect(asked).toEqual(['counts']);
  await next('before');
  expect(await first).toBe('before');
  expect(asked).toEqual(['counts', 'counts']);
  await next('after');
  expect(await Promise.all(meanwhile)).toEqual(['after', 'after', 'after']);
  const later = ask('counts');
  expect(asked).toHaveLength(3);
  await next('later');
  expect(await later).toBe('later');
});

test('who asks something else waits for nobody', () => {
  const { ask, asked } = answering();
  void ask('counts of ada');
  void ask('counts of bob');
  expect(asked).toEqual(['counts of ada', 'counts of bob']);
});

test('a question that failed is asked again for those who came meanwhile', async () => {
  const { ask, next } = answering();
  const first = ask('counts').catch((error: unknown) => error);
  const second = ask('counts');
  await next(new Error('the database is away'));
  expect(await first).toBeInstanceOf(Error);
  await next('here again');
  expect(await second).toBe('here again');
});
