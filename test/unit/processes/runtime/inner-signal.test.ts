import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { limitedSignal } from '../../../../processes/runtime/inner-signal';
import { until } from '../../../support/until';

test('a limit aborts what waits, however often garbage is collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const signal = limitedSignal(new AbortController().signal, 300);
  await until(() => {
    collect();
    return signal.aborted;
  });
});

test('it aborts with the outer one, and at once with one that has aborted', () => {
  const outer = new AbortController();
  const signal = limitedSignal(outer.signal, 60_000);
  expect(signal.aborted).toBe(false);
  outer.abort();
  expect(signal.aborted).toBe(true);
  expect(limitedSignal(outer.signal, 60_000).aborted).toBe(true);
});
