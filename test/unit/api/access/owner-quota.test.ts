import { ownerQuota } from '../../../../api/access/owner-quota';
import { EPOCH } from '../../../support/jobs';
import { silentLogger } from '../../../support/processes';

/** A quota over a read model that counts what it is told to, in `tookMs` each. */
const bench = (max: number, pending: number, tookMs = 0) => {
  let now = EPOCH;
  let counted = 0;
  const quota = ownerQuota({
    what: 'pending jobs',
    count: () => {
      counted += 1;
      now += tookMs;
      return Promise.resolve(pending);
    },
    limit: { kind: 'limited', max },
    clock: { now: () => now },
    logger: silentLogger,
  });
  return {
    counted: () => counted,
    later: (ms: number) => {
      now += ms;
    },
    /** How many of so many requests were let through. */
    take: async (requests: number, ownerId = 'ada') => {
      let taken = 0;
      for (let i = 0; i < requests; i += 1) if (await quota?.take(ownerId)) taken += 1;
      return taken;
    },
  };
};

test('owners with ample room are not counted at all, so that many of them cost the read model nothing', async () => {
  const { take, counted, later } = bench(1_000_000, 0);
  for (let owner = 0; owner < 500; owner += 1) {
    later(10);
    expect(await take(10, `owner-${owner}`)).toBe(10);
  }
  expect(counted()).toBe(0);
});

test('a hundredth of the room is used before it is counted, and the limit is told from a count', async () => {
  const { take, counted } = bench(10_000, 9_500);
  expect(await take(100)).toBe(100); // not counted: an API that has just started knows of nobody
  expect(counted()).toBe(0);
  expect(await take(600)).toBe(500);
  expect(counted()).toBe(1);
});

test.each`
  tookMs | laterMs   | counts | why
  ${0}   | ${900}    | ${1}   | ${'a count is believed for a second'}
  ${0}   | ${1_100}  | ${2}   | ${'a second has passed'}
  ${400} | ${10_000} | ${1}   | ${'a count that took long is believed for 50 times as long'}
  ${400} | ${20_100} | ${2}   | ${'and that has passed'}
`(
  'a count of $tookMs ms is made $counts times in $laterMs ms: $why',
  async ({ tookMs, laterMs, counts }: Record<string, number>) => {
    const { take, counted, later } = bench(50, 49, tookMs);
    expect(await take(2)).toBe(1);
    later(laterMs ?? 0);
    await take(1);
    expect(counted()).toBe(counts);
  },
);

test('requests that come while it is counted wait for that one count', async () => {
  let counted = 0;
  const quota = ownerQuota({
    what: 'pending jobs',
    count: () => {
      counted += 1;
      return new Promise((resolve) => setImmediate(resolve, 3));
    },
    limit: { kind: 'limited', max: 5 },
    clock: { now: () => EPOCH },
    logger: silentLogger,
  });
  const taken = await Promise.all(Array.from({ length: 10 }, async () => await quota?.take('ada')));
  expect(taken.filter((one) => one)).toHaveLength(2);
  expect(counted).toBe(1);
});
