import { queueRates } from '../../../../../processes/dispatching/shares/queue-rates';
import { manualTimers } from '../../../../support/manual-timers';

const start = (ratePerSecond: number | undefined) => {
  const timers = manualTimers();
  const limits = {
    limitsOfQueue: () => (ratePerSecond === undefined ? {} : { ratePerSecond }),
    limitsOfOwner: () => ({ weight: 1 }),
    countsRunning: () => false,
  };
  return { timers, rates: queueRates(limits, timers) };
};

test('a queue with a rate sends one job at once and then one each time its rate allows', () => {
  const { timers, rates } = start(10);
  expect(rates.isOver('mail')).toBe(false);
  rates.begin('mail');
  expect(rates.isOver('mail')).toBe(true);
  timers.advance(99);
  expect(rates.isOver('mail')).toBe(true);
  timers.advance(1);
  expect(rates.isOver('mail')).toBe(false);
});

test('ten thousand other queues take no rate away: each keeps what it has used', () => {
  const { rates } = start(10);
  for (let queue = 0; queue < 10_000; queue += 1) rates.begin(`q${queue}`);
  const over = Array.from({ length: 10_000 }, (_, queue) => rates.isOver(`q${queue}`));
  expect(over.filter((isOver) => !isOver)).toEqual([]);
});

test('a place that was given back may be used again, and a queue without a rate is never over', () => {
  const limited = start(10).rates;
  limited.begin('mail');
  limited.giveBack('mail');
  expect(limited.isOver('mail')).toBe(false);
  const free = start(undefined).rates;
  for (let job = 0; job < 1_000; job += 1) free.begin('mail');
  expect(free.isOver('mail')).toBe(false);
});
