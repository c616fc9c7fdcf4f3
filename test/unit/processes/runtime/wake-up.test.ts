import { wakeUp } from '../../../../processes/runtime/wake-up';
import { manualTimers } from '../../../support/manual-timers';

test('a call while nobody waits is not lost', async () => {
  const wake = wakeUp(manualTimers());
  wake.call();
  await wake.wait(3_600_000);
});

test('one call ends one wait', async () => {
  const timers = manualTimers();
  const wake = wakeUp(timers);
  wake.call();
  wake.call();
  await wake.wait(1_000);
  let isAwake = false;
  const second = wake.wait(1_000).then(() => (isAwake = true));
  timers.advance(999);
  await Promise.resolve();
  expect(isAwake).toBe(false);
  timers.advance(1);
  await second;
});
