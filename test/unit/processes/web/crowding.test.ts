import { crowding, type CrowdingDeps } from '../../../../processes/web/crowding';
import { silentLogger } from '../../../support/processes';
import { EPOCH, t } from '../../../support/jobs';
import { until } from '../../../support/until';

const minute = '2026-11-23T12:00:00.000Z';

const OPERATOR = { role: 'operator' } as const;
const USER = { role: 'user' } as const;

/** As operators are told; `user`: as users are. */
const crowdingOf = (changes: Partial<CrowdingDeps> = {}) => {
  const { toldTo, run } = crowding({
    find: () => Promise.resolve({ jobs: new Map(), share: 1 }),
    capacity: 10,
    everyMs: 60_000,
    clock: { now: () => EPOCH },
    draw: () => 0,
    logger: silentLogger,
    ...changes,
  });
  return { ...toldTo(OPERATOR), run, user: toldTo(USER) };
};

/** Looks once: the pause after it ends at once. */
const looked = async (deps: Partial<CrowdingDeps> = {}) => {
  const its = crowdingOf(deps);
  const controller = new AbortController();
  const done = its.run(controller.signal);
  controller.abort();
  await done;
  return its;
};

test('before the first look nothing is known, so nothing is warned of', () => {
  expect(crowdingOf().at(t(0))).toBeUndefined();
});

test('what was found and what was accepted since make a minute crowded together, with the job that is over', async () => {
  const find = () => Promise.resolve({ jobs: new Map([[EPOCH, 9]]), share: 1 });
  const its = await looked({ find });
  expect(its.add(t(5))).toBeUndefined();
  expect(its.add(t(59.999))).toEqual({ code: 'crowded-minute', minute, jobs: 11, capacity: 10 });
  expect(its.at(t(0))).toMatchObject({ jobs: 11 });
  expect(its.add(t(60))).toBeUndefined();
});

test('a look asks for what is half full already, for it may fill up before the next one', async () => {
  const looks: unknown[] = [];
  await looked({
    find: (...args) => {
      looks.push(args);
      return Promise.resolve({ jobs: new Map(), share: 1 });
    },
    clock: { now: () => t(61) },
  });
  expect(looks).toEqual([[t(60), 5]]);
});

test('a look replaces what was counted before it, and keeps what came while it was under way', async () => {
  let answer = (): void => undefined;
  const find: CrowdingDeps['find'] = () =>
    new Promise((resolve) => {
      answer = () => resolve({ jobs: new Map([[EPOCH, 10]]), share: 1 });
    });
  const its = crowdingOf({ find, capacity: 10 });
  for (let n = 0; n < 10; n++) its.add(t(0));
  const controller = new AbortController();
  const done = its.run(controller.signal);
  controller.abort();
  expect(its.add(t(0))).toMatchObject({ jobs: 11 });
  answer();
  await done;
  expect(its.at(t(0))).toMatchObject({ jobs: 11 });
});

test('a look that fails is logged, takes warnings away, and is made again', async () => {
  let looks = 0;
  const warned: string[] = [];
  const its = crowdingOf({
    everyMs: 1,
    logger: { ...silentLogger, warn: (_details, message) => warned.push(message) },
    find: () => {
      looks += 1;
      return looks === 2
        ? Promise.reject(new Error('ECONNREFUSED'))
        : Promise.resolve({ jobs: new Map([[EPOCH, 99]]), share: 1 });
    },
  });
  const controller = new AbortController();
  const done = its.run(controller.signal);
  await until(() => looks >= 3 && its.at(t(0)));
  controller.abort();
  await done;
  expect(warned).toEqual(['crowded minutes are not known: no warnings']);
});

test('memory stays bounded: further minutes are not counted until the next look', () => {
  const its = crowdingOf({ capacity: 1 });
  for (let n = 0; n < 100_000; n++) its.add(t(60 * n));
  const beyond = t(60 * 100_001);
  its.add(beyond);
  expect(its.add(beyond)).toBeUndefined();
  expect(its.add(t(0))).toMatchObject({ jobs: 2 });
});

describe('a user, who must not count the jobs of others,', () => {
  const minuteWith = (jobs: number, changes: Partial<CrowdingDeps> = {}) =>
    looked({
      find: () => Promise.resolve({ jobs: new Map([[EPOCH, jobs]]), share: 1 }),
      ...changes,
    });
  const crowded = { code: 'crowded-minute', minute, jobs: 10, isCoarse: true, capacity: 10 };

  test('is told the same before and after a job of somebody else, while an operator sees it come', async () => {
    const its = await minuteWith(30);
    expect([its.user.at(t(0)), its.at(t(0))?.jobs]).toEqual([crowded, 30]);
    its.add(t(0)); // by somebody else
    expect([its.user.at(t(0)), its.at(t(0))?.jobs]).toEqual([crowded, 31]);
  });

  test('is not told of a minute that is just over its capacity, as an operator is', async () => {
    const its = await minuteWith(11);
    expect(its.user.at(t(0))).toBeUndefined();
    expect(its.at(t(0))).toMatchObject({ jobs: 11 });
  });

  test('adds a job of his own like anybody, and is told no number with it', async () => {
    const its = await minuteWith(12);
    expect(its.user.add(t(0))).toEqual(crowded); // 13 are more than 1.25 times the capacity
    expect(its.at(t(0))).toMatchObject({ jobs: 13 });
  });
});
