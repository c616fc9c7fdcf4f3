import { EventLogUnavailable } from '../../../../domain/event-log';
import type { Process } from '../../../../processes/runtime/process';
import { onSameLog } from '../../../../processes/starting/same-log';
import { eventsNotInLog } from '../../../../projections/audit/same-log';
import { until } from '../../../support/until';

type Found = Awaited<ReturnType<Parameters<typeof onSameLog>[0]['look']>>;

const restored = eventsNotInLog({ position: 4_711n, eventId: 'x' });

/** A guarded process whose look answers what the test says. */
const bench = (first: Found | Error) => {
  let answer: Found | Error = first;
  let [runs, running] = [0, 0];
  const waits: string[] = [];
  const controller = new AbortController();
  const make = (): Process => ({
    name: 'dispatcher',
    run: (signal) => {
      runs += 1;
      running += 1;
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          running -= 1;
          resolve();
        });
      });
    },
  });
  const ended = onSameLog({
    ...{ name: 'dispatcher', make, everyMs: 5 },
    look: () =>
      answer instanceof EventLogUnavailable
        ? Promise.reject(answer)
        : Promise.resolve(answer as Found),
    vitals: {
      failed: (_server, error) => waits.push((error as Error).message),
      worked: () => waits.push('goes on'),
    },
  }).run(controller.signal);
  return {
    waits,
    runs: () => runs,
    running: () => running,
    answers: (next: Found | Error) => (answer = next),
    stop: async () => {
      controller.abort();
      await ended;
    },
  };
};

test('a process runs while the log is the same, stops when it is not, says so, and goes on when it is again', async () => {
  const { running, runs, answers, waits, stop } = bench(undefined);
  await until(() => running() === 1);
  answers(restored);
  await until(() => running() === 0 && waits.length > 1);
  expect(waits[1]).toMatch(/position 4711 that the log does not have.*punctual replay/);
  answers(undefined);
  await until(() => running() === 1);
  expect(runs()).toBe(2);
  await stop();
  expect(running()).toBe(0);
});

test('on a log that has not the events of the read model it does not begin', async () => {
  const { runs, waits, stop } = bench(restored);
  await until(() => waits.length > 2);
  expect(runs()).toBe(0);
  await stop();
});

test('an outage says nothing of the log: what runs goes on, and deals with it by itself', async () => {
  const { running, runs, answers, stop } = bench(undefined);
  await until(() => running() === 1);
  answers(new EventLogUnavailable('away'));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([running(), runs()]).toEqual([1, 1]);
  await stop();
});
