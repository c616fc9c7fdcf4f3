import { QueryClient } from '@tanstack/react-query';
import { isFollowed, rereadOlder } from '../../../console/live/reread';

// what is read again when the live line begins: all that may lack what came before it did

/** What somebody looks at, by name. */
const looking = () => {
  const client = new QueryClient();
  const look = async (name: string, answer: () => unknown): Promise<void> => {
    await client.fetchQuery({ queryKey: ['jobs', name], queryFn: answer });
  };
  /** Those that are to be read again. */
  const marked = (): readonly unknown[] =>
    client
      .getQueryCache()
      .findAll({ predicate: ({ state }) => state.isInvalidated })
      .map(({ queryKey }) => queryKey[1]);
  return { client, look, marked };
};

test('what says that it has all up to where the line begins is not read again; what has less, or says nothing, is', async () => {
  const { client, look, marked } = looking();
  await look('just there', () => ({ upTo: 7n }));
  await look('beyond', () => ({ upTo: 8n }));
  await look('before', () => ({ upTo: 6n }));
  await look('silent', () => ({ items: [] }));
  await rereadOlder(client, isFollowed, 7n);
  expect(marked()).toEqual(['before', 'silent']);
});

test('of a list that was read in pages each has to say so', async () => {
  const { client, look, marked } = looking();
  await look('all', () => ({ pages: [{ upTo: 7n }, { upTo: 9n }] }));
  await look('the first alone', () => ({ pages: [{ upTo: 7n }, { upTo: 6n }] }));
  await rereadOlder(client, isFollowed, 7n);
  expect(marked()).toEqual(['the first alone']);
});

test('after a line that has missed something all is read again, whatever it says', async () => {
  const { client, look, marked } = looking();
  await look('beyond', () => ({ upTo: 8n }));
  await rereadOlder(client, isFollowed);
  expect(marked()).toEqual(['beyond']);
});

test('what is on its way as the line begins is judged by what comes', async () => {
  const { client, look, marked } = looking();
  let answer = (_upTo: bigint): void => undefined;
  const coming = new Promise<bigint>((resolve) => (answer = resolve));
  const looks = ['less', 'enough'].map(
    async (name) =>
      await look(name, async () => ({ upTo: (await coming) - (name === 'less' ? 1n : 0n) })),
  );
  const again = rereadOlder(client, isFollowed, 7n);
  expect(marked()).toEqual([]);
  answer(7n);
  await Promise.all([...looks, again]);
  expect(marked()).toEqual(['less']);
});
