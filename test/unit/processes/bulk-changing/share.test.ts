import { changingShare } from '../../../../processes/bulk-changing/share';

const settings = { mostPerSecond: 400 };

type Given = {
  readonly isLate?: () => boolean;
  readonly isStarting?: boolean;
  readonly idle?: () => number;
};

const isStarting = () => Promise.resolve(false);

const sharing = (given: Given) => {
  let nowMs = 0;
  const told: number[] = [];
  const share = changingShare(
    {
      look: () => Promise.resolve({ isLate: given.isLate?.() ?? false }),
      isStarting: () => Promise.resolve(given.isStarting ?? false),
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
  trouble                                        | room
  ${'jobs are late'}                             | ${{ isLate: () => true }}
  ${'the processor is full'}                     | ${{ idle: () => 0.05 }}
  ${'jobs start and half of it is used already'} | ${{ idle: () => 0.4, isStarting: true }}
`(
  'while $trouble it is half as fast with each second, for what is due goes first, and never stands still',
  async ({ room }: { room: Given }) => {
    const { seconds, told } = sharing(room);
    await seconds(8);
    expect(told.slice(0, 3)).toEqual([100, 50, 40]);
    expect(told.at(-1)).toBe(40);
  },
);

test.each`
  what                        | room
  ${'no job starts'}          | ${{ idle: () => 0.4 }}
  ${'most of it is not used'} | ${{ idle: () => 0.6, isStarting: true }}
`(
  'it takes its part of a processor that is used while $what',
  async ({ room }: { room: Given }) => {
    const { seconds, told } = sharing(room);
    await seconds(10);
    expect(told.at(-1)).toBe(400);
  },
);

test('a look that fails is taken for trouble', async () => {
  const told: number[] = [];
  const share = changingShare(
    {
      look: () => Promise.reject(new Error('the read model is away')),
      ...{ isStarting, idleShare: () => 1 },
    },
    { monotonicMs: () => 0 },
    settings,
    (perSecond) => told.push(perSecond),
  );
  await share();
  expect(told).toEqual([100]);
});

test('it looks once a second, however often it is asked', async () => {
  let looks = 0;
  const share = changingShare(
    {
      look: () => {
        looks += 1;
        return Promise.resolve({ isLate: false });
      },
      ...{ isStarting, idleShare: () => 1 },
    },
    { monotonicMs: () => 500 },
    settings,
    () => undefined,
  );
  for (let n = 0; n < 5; n += 1) await share();
  expect(looks).toBe(1);
});
