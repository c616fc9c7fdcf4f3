import { setImmediate as immediately } from 'node:timers/promises';
import {
  AppendOutcomeUnknown,
  EventLogRefused,
  EventLogUnavailable,
  type EventLog,
} from '../../../../domain/event-log';
import { uuids } from '../../../../infra/ids';
import { appendWatch } from '../../../../processes/health/append-watch';
import { newEvent } from '../../../support/new-event';
import { until } from '../../../support/until';

const stopping = new AbortController();
afterAll(() => stopping.abort());

type Append = EventLog['append'];

const isTrial = (stream: string): boolean => stream.startsWith('punctual-trial-');

const start = () => {
  const state: {
    failsWith: Error | undefined;
    outcome: 'appended' | 'conflict';
    isRead: boolean;
    /** What fails are trials alone. */
    losesTrials: boolean;
  } = { failsWith: undefined, outcome: 'appended', isRead: false, losesTrials: false };
  const appended: string[] = [];
  const signs: string[] = [];
  const append: Append = (stream) => {
    appended.push(stream);
    if (state.failsWith && (!state.losesTrials || isTrial(stream)))
      return Promise.reject(state.failsWith);
    return Promise.resolve(
      state.outcome === 'conflict'
        ? { outcome: 'conflict' }
        : { outcome: 'appended', revision: 0n, position: 1n },
    );
  };
  const watch = appendWatch({
    eventLog: {
      append,
      read: () =>
        state.isRead ? Promise.resolve([]) : Promise.reject(new EventLogUnavailable('gone')),
    },
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
  const trials = () => appended.filter(isTrial);
  const commands = () => appended.filter((stream) => !isTrial(stream));
  return { state, signs, command, commands, trials };
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

test('while a log answers reads and takes no appends a command is refused with nothing sent, so that its no is true; one goes after each trial', async () => {
  const { state, command, commands, trials } = start();
  state.failsWith = new AppendOutcomeUnknown('no answer');
  state.isRead = true;
  await expect(command()).rejects.toBe(state.failsWith);
  await until(() => trials().length >= 1);
  const [sent, tried] = [commands().length, trials().length];
  let refused = 0;
  while (trials().length < tried + 10) {
    await command().catch((error: unknown) => {
      if (error instanceof EventLogUnavailable) refused += 1;
    });
    await immediately(); // so that the trials have their turn
  }
  expect(commands().length - sent).toBeLessThanOrEqual(trials().length - tried + 1);
  expect(refused).toBeGreaterThan(0);
  state.failsWith = undefined;
  await until(() =>
    command().then(
      () => true,
      () => false,
    ),
  );
  await command();
});

test('a path that loses trials alone holds no command up for longer than until the next', async () => {
  const { state, command, trials } = start();
  state.failsWith = new AppendOutcomeUnknown('no answer');
  state.isRead = true;
  await expect(command()).rejects.toBe(state.failsWith);
  await until(() => trials().length >= 2);
  state.losesTrials = true;
  await until(() =>
    command().then(
      () => true,
      () => false,
    ),
  );
  await command();
});

test('a log that answers no reads either is waited for as before: another may take its place within the call', async () => {
  const { state, command, trials } = start();
  state.failsWith = new AppendOutcomeUnknown('no answer');
  await expect(command()).rejects.toBe(state.failsWith);
  await until(() => trials().length >= 3);
  await expect(command()).rejects.toBe(state.failsWith);
});
