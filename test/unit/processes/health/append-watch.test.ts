import { AppendOutcomeUnknown, EventLogRefused, type EventLog } from '../../../../domain/event-log';
import { uuids } from '../../../../infra/ids';
import { appendWatch } from '../../../../processes/health/append-watch';
import { newEvent } from '../../../support/new-event';
import { until } from '../../../support/until';

const stopping = new AbortController();
afterAll(() => stopping.abort());

type Append = EventLog['append'];

const start = () => {
  const state: { failsWith: Error | undefined; outcome: 'appended' | 'conflict' } = {
    failsWith: undefined,
    outcome: 'appended',
  };
  const appended: string[] = [];
  const signs: string[] = [];
  const append: Append = (stream) => {
    appended.push(stream);
    if (state.failsWith) return Promise.reject(state.failsWith);
    return Promise.resolve(
      state.outcome === 'conflict'
        ? { outcome: 'conflict' }
        : { outcome: 'appended', revision: 0n, position: 1n },
    );
  };
  const watch = appendWatch({
    eventLog: { append, read: () => Promise.resolve([]) },
    ids: uuids,
    clock: { now: () => 0 },
    vitals: {
      failed: (server, error) => signs.push(`${server}: ${(error as Error).message}`),
      worked: (server) => signs.push(`${server} works`),
    },
    everyMs: 5,
  });
  void watch.run(stopping.signal);
  const command = () => watch.eventLog.append('job-a', [newEvent()], 'no-stream');
  const trials = () => appended.filter((stream) => stream.startsWith('punctual-trial-'));
  return { state, signs, command, trials };
};

const FULL =
  'event-store: the event store takes no appends; look at its log and at the room on its disk';

test('a log that took nothing is tried until it takes something again, though nobody sends commands any more', async () => {
  const { state, signs, command, trials } = start();
  state.failsWith = new AppendOutcomeUnknown('no answer');
  await expect(command()).rejects.toBe(state.failsWith);
  await until(() => trials().length >= 3);
  expect(new Set(signs)).toEqual(new Set([FULL]));
  state.failsWith = undefined;
  await until(() => signs.at(-1) === 'event-store works');
  const tried = trials().length;
  await command();
  expect(trials()).toHaveLength(tried); // one event for all of the outage, and none for a log that is well
});

test('a conflict is no sign that anything can be written', async () => {
  const { state, signs, command, trials } = start();
  state.failsWith = new AppendOutcomeUnknown('no answer');
  await expect(command()).rejects.toBe(state.failsWith);
  state.failsWith = undefined;
  state.outcome = 'conflict';
  await until(() => trials().length >= 2);
  expect(signs).not.toContain('event-store works');
});

test('what is refused for its size says nothing of the log, and a right that is gone is told as that', async () => {
  const { state, signs, command, trials } = start();
  state.failsWith = new EventLogRefused('append', 'too-large');
  await expect(command()).rejects.toBe(state.failsWith);
  expect([signs, trials()]).toEqual([[], []]);
  state.failsWith = new EventLogRefused('append', 'access-denied');
  await expect(command()).rejects.toBe(state.failsWith);
  expect(signs[0]).toMatch(/refuses appends; look at the rights/);
});
