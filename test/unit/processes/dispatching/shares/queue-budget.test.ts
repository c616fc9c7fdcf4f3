import {
  queueBudget,
  type QueueBudget,
} from '../../../../../processes/dispatching/shares/queue-budget';
import {
  queueBudgets,
  type QueueBudgets,
} from '../../../../../processes/dispatching/shares/queue-budgets';
import { queueRates } from '../../../../../processes/dispatching/shares/queue-rates';
import { systemTimers } from '../../../../../processes/runtime/timers';
import { manualTimers } from '../../../../support/manual-timers';
import { silentLogger } from '../../../../support/processes';
import { until } from '../../../../support/until';

const limits = { minMessages: 100, maxMessages: 2_000 };

describe('the budget of a queue', () => {
  let budget: QueueBudget;
  beforeEach(() => {
    budget = queueBudget(limits);
  });
  const answer = (atMs: number, waiting: number, delivered: number, isServed = true): void => {
    budget.asking(atMs)({ waiting, delivered, isServed }, atMs);
  };

  test('a queue of which nothing is taken has the least', () => {
    answer(0, 50, 0, false);
    answer(1_000, 100, 0, false);
    expect(budget.messages()).toBe(100);
    expect(budget.isServed()).toBe(false);
  });

  test('it grows with what executors take, to what they take in 300 ms, and no further than the most', () => {
    answer(0, 100, 0);
    answer(100, 100, 200); // 2,000 a second
    expect(budget.messages()).toBe(700);
    answer(200, 100, 2_200);
    expect(budget.messages()).toBe(2_000);
  });

  test('a moment in which nothing is taken does not take it all back', () => {
    answer(0, 100, 0);
    answer(100, 100, 200);
    answer(120, 100, 200);
    expect(budget.messages()).toBeGreaterThan(600);
    for (let atMs = 200; atMs < 5_000; atMs += 100) answer(atMs, 100, 200);
    expect(budget.messages()).toBeLessThan(105);
  });

  test('a consumer that was made again counts from the start, which is no pace', () => {
    answer(0, 100, 5_000);
    answer(100, 100, 5);
    expect(budget.messages()).toBe(100);
  });

  test('what is under way while the broker is asked counts until the next answer', () => {
    for (let n = 0; n < 10; n++) budget.begin(500);
    for (let n = 0; n < 4; n++) budget.sent();
    const takeIn = budget.asking(0);
    budget.sent(); // the broker may have counted it or not
    takeIn({ waiting: 4, delivered: 0, isServed: true }, 1);
    expect(budget.used()).toBe(10);
    budget.giveBack();
    expect(budget.used()).toBe(9);
  });
});

describe('budgets of all queues', () => {
  let budgets: QueueBudgets;
  let stop: () => Promise<void>;
  const depths = new Map<string, { waiting: number; delivered: number; isServed: boolean }>();
  let use = { usedBytes: 0, maxBytes: 100_000 };
  let isAway = false;
  let asked = 0;
  let offsetMs = 0;

  beforeEach(async () => {
    depths.clear();
    use = { usedBytes: 0, maxBytes: 100_000 };
    isAway = false;
    asked = 0;
    offsetMs = 0;
    const controller = new AbortController();
    budgets = queueBudgets({
      depths: {
        depthOf: (queue) => {
          if (isAway) return Promise.reject(new Error('away'));
          asked += 1;
          return Promise.resolve(
            depths.get(queue) ?? { waiting: 0, delivered: 0, isServed: false },
          );
        },
        streamUse: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(use)),
      },
      timers: { ...systemTimers, monotonicMs: () => systemTimers.monotonicMs() + offsetMs },
      logger: silentLogger,
      onRoom: () => undefined,
      limits: { minMessages: 10, maxMessages: 1_000 },
    });
    const ended = budgets.run(controller.signal);
    stop = async () => {
      controller.abort();
      await ended;
    };
    await Promise.resolve();
  });
  afterEach(async () => {
    await stop();
  });
  const send = (queue: string, sizeBytes: number): number => {
    let sent = 0;
    while (!budgets.isFull(queue) && sent < 10_000) {
      budgets.begin(queue, sizeBytes);
      budgets.sent(queue);
      sent += 1;
    }
    return sent;
  };

  test('queues that nobody serves have an eighth of the stream together, however many names somebody invents', () => {
    let bytes = 0;
    for (let n = 0; n < 50; n++) bytes += send(`misspelt-${n}`, 1_000) * 1_000;
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(100_000 / 8 + 2_000);
  });

  test('a queue that is served fills half of what is free at most, so that others have room', async () => {
    depths.set('served', { waiting: 0, delivered: 1, isServed: true });
    budgets.begin('served', 40_000);
    budgets.sent('served');
    depths.set('served', { waiting: 1, delivered: 1, isServed: true });
    use = { usedBytes: 40_000, maxBytes: 100_000 };
    await until(() => asked > 0);
    await until(() => !budgets.isFull('served'));
    budgets.begin('served', 30_000);
    expect(budgets.isFull('served')).toBe(true);
  });

  test('a message that was refused holds all until the broker was asked again', async () => {
    budgets.refused();
    expect(budgets.isFull('any')).toBe(true);
    await until(() => !budgets.isFull('any'));
  });

  test('two dispatchers have half of the room each', () => {
    budgets.setShare(0.5);
    expect(send('default', 100)).toBe(5);
  });

  test('a broker that tells nothing for long stops nobody, for a refused message will tell', async () => {
    isAway = true;
    expect(send('default', 100)).toBe(10);
    expect(budgets.isFull('default')).toBe(true);
    await until(() => {
      offsetMs += 1_000; // each try fails
      return !budgets.isFull('default');
    });
  });
});

describe('rates', () => {
  const timers = manualTimers();
  const rates = queueRates(
    {
      limitsOfQueue: (queue) => (queue === 'slow' ? { ratePerSecond: 20 } : {}),
      limitsOfOwner: () => ({ weight: 1 }),
      countsRunning: () => false,
    },
    timers,
  );
  const sendAll = (queue: string): number => {
    let sent = 0;
    while (!rates.isOver(queue) && sent < 100) {
      rates.begin(queue);
      sent += 1;
    }
    return sent;
  };

  test('a queue sends what its rate allows, a tenth of a second of it at once, and others as they like', () => {
    expect(sendAll('slow')).toBe(2);
    timers.advance(49);
    expect(sendAll('slow')).toBe(0);
    timers.advance(1);
    expect(sendAll('slow')).toBe(1);
    timers.advance(60_000);
    expect(sendAll('slow')).toBe(2);
    expect(sendAll('fast')).toBe(100);
  });

  test('what came to nothing is given back, and a share of the shards is a share of the rate', () => {
    timers.advance(60_000);
    sendAll('slow');
    rates.giveBack('slow');
    expect(sendAll('slow')).toBe(1);
    rates.setShare(0.5);
    timers.advance(100);
    expect(sendAll('slow')).toBe(1);
  });
});
