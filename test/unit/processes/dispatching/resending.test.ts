import { resending } from '../../../../processes/dispatching/resending';
import { waitingJob } from '../../../../processes/dispatching/shares/waiting-job';
import { dueRow } from '../../../support/due-rows';
import { manualTimers } from '../../../support/manual-timers';
import { until } from '../../../support/until';

const hopeless = new Error('too large');

const start = () => {
  const timers = manualTimers();
  const sent: string[] = [];
  const givenUp: string[] = [];
  let fault: Error | undefined = new Error('no room');
  let tries = 0;
  let rooms = 0;
  const unsent = resending({
    messages: {
      publish: (_queue, _jobId, _messageId, text) => {
        tries += 1;
        if (fault) return Promise.reject(fault);
        sent.push(text);
        return Promise.resolve();
      },
      hopelessness: (error) => (error === hopeless ? { code: 'x', message: 'x' } : undefined),
      isForWantOfRoom: () => true,
    },
    timers,
    deliveryLog: {
      failed: () => undefined,
      over: () => undefined,
      gaveUp: (jobId) => void givenUp.push(jobId),
      close: () => undefined,
    },
    onDone: () => {
      rooms += 1;
    },
  });
  const controller = new AbortController();
  const running = unsent.run(controller.signal);
  const add = (n: number, text = `message ${n}`): boolean =>
    unsent.add(waitingJob(dueRow(n)), text, () => void sent.push(`${text} told`));
  return {
    ...{ unsent, timers, sent, givenUp, add },
    tries: () => tries,
    rooms: () => rooms,
    setFault: (error: Error | undefined) => {
      fault = error;
    },
    stop: async () => {
      controller.abort();
      await running;
    },
  };
};

let bench: ReturnType<typeof start>;
beforeEach(() => {
  bench = start();
});
afterEach(() => bench.stop());

test('messages go in the order in which they came, once there is room, and then all others may', async () => {
  expect(bench.unsent.isAtIt()).toBe(false);
  expect([bench.add(1), bench.add(2)]).toEqual([true, true]);
  expect(bench.unsent.isAtIt()).toBe(true);
  await until(() => bench.tries() >= 1);
  expect([bench.sent, bench.rooms()]).toEqual([[], 0]);
  bench.setFault(undefined);
  await until(() => bench.rooms() === 1);
  expect(bench.sent).toEqual(['message 1', 'message 1 told', 'message 2', 'message 2 told']);
  expect(bench.unsent.isAtIt()).toBe(false);
});

test('the first that finds no room holds up those behind it: nobody goes past it', async () => {
  bench.add(1);
  bench.add(2);
  await until(() => bench.tries() === 2); // twice the first one
  expect(bench.sent).toEqual([]);
  expect(bench.givenUp).toEqual([]);
});

test('what found no room for fifteen seconds is left to the rescuer', async () => {
  bench.add(1);
  bench.timers.advance(14_999);
  await until(() => bench.tries() >= 1);
  expect(bench.givenUp).toEqual([]);
  bench.timers.advance(1);
  await until(() => bench.rooms() === 1);
  expect(bench.givenUp).toEqual([dueRow(1).jobId]);
});

test('what no broker takes is given up at once, and the next one is tried', async () => {
  bench.setFault(hopeless);
  bench.add(1);
  bench.add(2);
  await until(() => bench.rooms() === 1);
  expect(bench.givenUp).toEqual([dueRow(1).jobId, dueRow(2).jobId]);
  expect(bench.tries()).toBe(2);
});

test('no more are kept than a thousand, or what 16 MiB hold: memory is bounded', async () => {
  for (let n = 0; n < 1_000; n += 1) expect(bench.add(n, 'x')).toBe(true);
  expect(bench.add(1_001, 'x')).toBe(false);
  bench.setFault(undefined);
  await until(() => bench.rooms() === 1);
  const half = 'x'.repeat(8 * 1_024 * 1_024);
  expect([bench.add(1, half), bench.add(2, half), bench.add(3, 'x')]).toEqual([true, true, false]);
});
