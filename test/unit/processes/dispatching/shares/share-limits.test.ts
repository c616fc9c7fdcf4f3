import { setShares } from '../../../../../commands/set-shares';
import { EventLogUnavailable } from '../../../../../domain/event-log';
import { noShares, type Shares } from '../../../../../domain/shares/shares';
import { uuids } from '../../../../../infra/ids';
import { memoryEventLog } from '../../../../../infra/memory/event-log';
import { limitsIn, shareLimits } from '../../../../../processes/dispatching/shares/share-limits';
import { EPOCH } from '../../../../support/jobs';
import { silentLogger } from '../../../../support/processes';
import { until } from '../../../../support/until';

const mail: Shares = {
  queues: { mail: { maxRunning: 7 }, constructor: { ratePerSecond: 3 } },
  owners: { ada: { weight: 5 } },
};

const defaults = { runningPerOwner: 40, runningPerQueue: 300, ratePerSecond: 20 };

test.each`
  queue            | limits                                    | why
  ${'mail'}        | ${{ maxRunning: 7, ratePerSecond: 20 }}   | ${'what is not named falls to the settings'}
  ${'constructor'} | ${{ maxRunning: 300, ratePerSecond: 3 }}  | ${'any name is a name'}
  ${'valueOf'}     | ${{ maxRunning: 300, ratePerSecond: 20 }} | ${'a name that objects have by themselves is not named'}
`('limits of queue $queue: $why', ({ queue, limits }: { queue: string; limits: object }) => {
  expect(limitsIn(mail, defaults).limitsOfQueue(queue)).toEqual(limits);
});

test.each`
  ownerId  | limits                           | why
  ${'ada'} | ${{ maxRunning: 40, weight: 5 }} | ${'a weight does not lift the cap of the settings'}
  ${'bob'} | ${{ maxRunning: 40, weight: 1 }} | ${'everybody has one turn unless told'}
`('limits of owner $ownerId: $why', ({ ownerId, limits }: { ownerId: string; limits: object }) => {
  expect(limitsIn(mail, defaults).limitsOfOwner(ownerId)).toEqual(limits);
});

test('without document and settings nothing is limited, and nothing stands for "no limit"', () => {
  const { limitsOfQueue, limitsOfOwner } = limitsIn(noShares, {});
  expect([limitsOfQueue('mail'), limitsOfOwner('ada')]).toEqual([{}, { weight: 1 }]);
});

const bench = () => {
  const { log } = memoryEventLog();
  let isAway = false;
  let warnings = 0;
  const limits = shareLimits({
    events: {
      newest: (stream) =>
        isAway ? Promise.reject(new EventLogUnavailable('away')) : log.newest(stream),
    },
    defaults: {},
    draw: () => 0,
    logger: {
      ...silentLogger,
      warn: () => {
        warnings += 1;
      },
    },
    rereadMs: 1,
  });
  const set = setShares({ log, clock: { now: () => EPOCH }, ids: uuids });
  return {
    limits,
    warnings: () => warnings,
    set: (shares: Shares) =>
      set(shares, { actor: { kind: 'operator', id: 'olga' }, correlationId: 'r-1' }),
    setAway: (away: boolean) => {
      isAway = away;
    },
  };
};

test('what operators set is in force after the first read, and a change while it runs', async () => {
  const { limits, set } = bench();
  await set(mail);
  const stopping = new AbortController();
  await limits.readFirst(stopping.signal);
  expect(limits.limitsOfQueue('mail')).toEqual({ maxRunning: 7 });
  const running = limits.run(stopping.signal);
  await set({ ...mail, queues: {} });
  await until(() => limits.limitsOfQueue('mail').maxRunning === undefined);
  stopping.abort();
  await running;
});

test('an outage of the log keeps the last known limits, tells of it once, and ends by itself', async () => {
  const { limits, set, setAway, warnings } = bench();
  await set(mail);
  const stopping = new AbortController();
  await limits.readFirst(stopping.signal);
  setAway(true);
  const running = limits.run(stopping.signal);
  await until(() => warnings() > 0);
  await set(noShares);
  expect(limits.limitsOfQueue('mail')).toEqual({ maxRunning: 7 });
  setAway(false);
  await until(() => limits.limitsOfQueue('mail').maxRunning === undefined);
  expect(warnings()).toBe(1);
  stopping.abort();
  await running;
});

test('a start waits for the log, for without the document it would let everything through', async () => {
  const { limits, set, setAway, warnings } = bench();
  await set(mail);
  setAway(true);
  const first = limits.readFirst(new AbortController().signal);
  await until(() => warnings() === 1);
  setAway(false);
  await first;
  expect(limits.limitsOfQueue('mail')).toEqual({ maxRunning: 7 });
});

test('a stop ends the wait of a start', async () => {
  const { limits, setAway, warnings } = bench();
  setAway(true);
  const stopping = new AbortController();
  const first = limits.readFirst(stopping.signal);
  await until(() => warnings() === 1);
  stopping.abort();
  await first;
});

test.each([
  ['nothing is limited', {}, {}, {}, false],
  ['a rate is no cap', { mail: { ratePerSecond: 5 } }, { ada: { weight: 2 } }, {}, false],
  ['all owners have a cap', {}, {}, { runningPerOwner: 5 }, true],
  ['all queues have a cap', {}, {}, { runningPerQueue: 5 }, true],
  ['one queue has a cap', { mail: { maxRunning: 5 } }, {}, {}, true],
  ['owners in one queue have a cap', { mail: { maxRunningPerOwner: 5 } }, {}, {}, true],
  ['one owner has a cap', {}, { ada: { maxRunning: 5 } }, {}, true],
])(
  'what runs is counted only where somebody is held to it: %s',
  (_why, queues, owners, defaults, isCounted) => {
    expect(limitsIn({ queues, owners }, defaults).countsRunning()).toBe(isCounted);
  },
);
