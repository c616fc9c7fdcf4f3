import { changingShare } from '../../../../processes/bulk-changing/share';

const settings = { mostPerSecond: 400 };

const sharing = (given: { readonly isLate?: () => boolean; readonly idle?: () => number }) => {
  let nowMs = 0;
  const told: number[] = [];
  const share = changingShare(
    {
      look: () => Promise.resolve({ isLate: given.isLate?.() ?? false }),
      idleShare: () => given.idle?.() ?? 1,
    },
    { monotonicMs: () => nowMs },
    settings,
    (perSecond) => told.push(perSecond),
  );
  return {
    told,
    seconds: async (count: number): Promise<void> => {
      for (let n = 0; n < count; n += 1) {
        await share();
        nowMs += 1_000;
      }
    },
  };
};

test('it gets faster while there is room, and never faster than it may be', async () => {
  const { seconds, told } = sharing({});
  await seconds(10);
  expect(told.slice(0, 3)).toEqual([240, 280, 320]);
  expect(told.at(-1)).toBe(400);
});

test.each`
  trouble                    | room
  ${'jobs are late'}         | ${{ isLate: () => true }}
  ${'the processor is full'} | ${{ idle: () => 0.05 }}
`(
  'while $trouble it is at once as slow as it gets, for what is due goes first, and never stands still',
  async ({ room }: { room: Parameters<typeof sharing>[0] }) => {
    const { seconds, told } = sharing(room);
    await seconds(8);
    expect(told.slice(0, 3)).toEqual([40, 40, 40]);
    expect(told.at(-1)).toBe(40);
  },
);

test('a look that fails is taken for trouble', async () => {
  const told: number[] = [];
  const share = changingShare(
    { look: () => Promise.reject(new Error('the read model is away')), idleShare: () => 1 },
    { monotonicMs: () => 0 },
    settings,
    (perSecond) => told.push(perSecond),
  );
  await share();
  expect(told).toEqual([40]);
});

test('it looks once a second, however often it is asked', async () => {
  let looks = 0;
  const share = changingShare(
    {
      look: () => {
        looks += 1;
        return Promise.resolve({ isLate: false });
      },
      idleShare: () => 1,
    },
    { monotonicMs: () => 500 },
    settings,
    () => undefined,
  );
  for (let n = 0; n < 5; n += 1) await share();
  expect(looks).toBe(1);
});
