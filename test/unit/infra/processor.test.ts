import { processorIdle } from '../../../infra/processor';

/** @param idle  of each core, as the system counts it since it was started */
const cores = (busyMs: number, ...idle: readonly number[]) =>
  idle.map((idleMs) => ({ times: { user: busyMs, nice: 0, sys: 5, idle: idleMs, irq: 1 } }));

test('the idle share is of the time since it was asked before, not since the machine was started', () => {
  const looks = [
    cores(1_000_000, 0, 0),
    cores(1_000_300, 100, 700),
    cores(1_000_700, 200, 700),
    cores(1_000_700, 200, 700),
  ];
  const idleShare = processorIdle(() => looks.shift() ?? []);
  expect(idleShare()).toBeCloseTo(800 / 1_400);
  expect(idleShare()).toBeCloseTo(100 / 900);
  // no time was counted: there is no reason to hold anybody back
  expect(idleShare()).toBe(1);
});

test('this machine tells a share', () => {
  const share = processorIdle()();
  expect(share).toBeGreaterThanOrEqual(0);
  expect(share).toBeLessThanOrEqual(1);
});
