import { backoffMs, pause, retrying } from '../../../../processes/runtime/backoff';

const policy = { baseMs: 50, capMs: 1_000 };
const impatient = { baseMs: 1, capMs: 1 };

test.each`
  tries | draw        | delayMs | why
  ${1}  | ${0}        | ${0}    | ${'full jitter may draw zero'}
  ${1}  | ${0.999999} | ${49}   | ${'the first wait stays below the base'}
  ${3}  | ${0.5}      | ${100}  | ${'doubles with each try'}
  ${90} | ${0.999999} | ${999}  | ${'the cap holds, with no overflow'}
`('try $tries waits $delayMs ms: $why', (row: Record<'tries' | 'draw' | 'delayMs', number>) => {
  expect(backoffMs(row.tries, policy, row.draw)).toBe(row.delayMs);
});

test('tries count from 1, so that a caller who counts otherwise is told', () => {
  expect(() => backoffMs(0, policy, 0)).toThrow(RangeError);
});

test('a pause ends when the signal aborts, not when its time is over', async () => {
  const controller = new AbortController();
  const paused = pause(3_600_000, controller.signal);
  controller.abort();
  await paused;
  await pause(3_600_000, controller.signal);
});

const failing = (times: number): (() => Promise<string>) => {
  let left = times;
  return () => (left-- > 0 ? Promise.reject(new Error(`${left} left`)) : Promise.resolve('done'));
};

test('a call that fails for a while is made again until it succeeds', async () => {
  const failures: number[] = [];
  const { signal } = new AbortController();
  const options = {
    signal,
    draw: () => 0,
    policy: impatient,
    onFailure: (_error: unknown, tries: number) => failures.push(tries),
  };
  await expect(retrying(failing(3), options)).resolves.toBe('done');
  expect(failures).toEqual([1, 2, 3]);
});

test('an error that will not pass is thrown at once', async () => {
  const { signal } = new AbortController();
  const options = { signal, draw: () => 0, isTransient: () => false };
  await expect(retrying(failing(1), options)).rejects.toThrow('0 left');
});

test('an aborted signal ends the tries with the last error', async () => {
  const controller = new AbortController();
  const options = {
    signal: controller.signal,
    draw: () => 0.5,
    onFailure: () => {
      controller.abort();
    },
  };
  await expect(retrying(failing(9), options)).rejects.toThrow('8 left');
});
