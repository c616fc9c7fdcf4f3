import { watchedVitals } from '../../../../processes/health/vitals';
import { manualTimers } from '../../../support/manual-timers';
import { silentLogger } from '../../../support/processes';

const start = () => {
  const timers = manualTimers();
  const lines: unknown[] = [];
  const observed: unknown[] = [];
  const tell = (fields: object, message: string): void => void lines.push([message, fields]);
  const vitals = watchedVitals({
    process: 'dispatcher',
    logger: { ...silentLogger, warn: tell, info: tell },
    observe: (server, waits) => observed.push([server, waits]),
    timers,
  });
  return { timers, lines, observed, vitals };
};
const away = new Error('no answer', { cause: new Error('connect ECONNREFUSED') });

test('what moves is not still, and what does not move says for how long', () => {
  const { timers, vitals } = start();
  timers.advance(5_000);
  expect(vitals.look()).toEqual({
    process: 'dispatcher',
    stillMs: 5_000,
    isStandby: false,
    hindrances: [],
  });
  vitals.moved();
  expect(vitals.look().stillMs).toBe(0);
});

test('one that stands by is not hung, and moves again when it takes over', () => {
  const { timers, vitals } = start();
  vitals.standsBy();
  timers.advance(60_000);
  expect(vitals.look()).toMatchObject({ isStandby: true, stillMs: 60_000 });
  vitals.moved();
  expect(vitals.look()).toMatchObject({ isStandby: false, stillMs: 0 });
});

test('a server that fails and goes on failing is waited for: one line, one metric, the reason with its cause', () => {
  const { timers, lines, observed, vitals } = start();
  vitals.failed('broker', away);
  timers.advance(2_500);
  vitals.failed('broker', away);
  const reason = 'no answer (connect ECONNREFUSED)';
  expect(vitals.look().hindrances).toEqual([{ server: 'broker', reason }]);
  vitals.look();
  expect(lines).toEqual([
    ['the dispatcher waits for the broker', { process: 'dispatcher', server: 'broker', reason }],
  ]);
  vitals.worked('broker');
  expect(vitals.look().hindrances).toEqual([]);
  expect(lines).toHaveLength(2);
  expect(observed).toEqual([
    ['broker', 1],
    ['broker', 0],
  ]);
});

test('one odd job that fails beside others that succeed is no hindrance: nobody waits for its sake', () => {
  const { timers, lines, vitals } = start();
  for (let second = 0; second < 60; second++) {
    vitals.failed('broker', away);
    timers.advance(500);
    vitals.worked('broker');
    timers.advance(500);
    vitals.failed('broker', away);
    expect(vitals.look().hindrances).toEqual([]);
  }
  expect(lines).toEqual([]);
});

test('a single failure in a quiet system is no wait: what was tried once more went well, or was given up', () => {
  const { timers, vitals } = start();
  vitals.failed('event-store', away);
  timers.advance(10_000);
  expect(vitals.look().hindrances).toEqual([]);
});

test('a failure that nobody has met again is over: what was given up waits for nobody', () => {
  const { timers, vitals } = start();
  vitals.failed('event-store', away);
  timers.advance(3_000);
  vitals.failed('event-store', away);
  expect(vitals.look().hindrances).toHaveLength(1);
  timers.advance(31_000);
  expect(vitals.look().hindrances).toEqual([]);
});

test('reasons that name one job after another are one wait: its log has a line in half a minute, /readyz the newest', () => {
  const { timers, lines, observed, vitals } = start();
  for (let second = 0; second <= 40; second += 2) {
    vitals.failed('event-store', new Error(`append to job-${second}`, { cause: new Error('') }));
    vitals.look();
    timers.advance(2_000);
  }
  expect(vitals.look().hindrances).toEqual([{ server: 'event-store', reason: 'append to job-40' }]);
  expect(lines).toMatchObject([
    [expect.anything(), { reason: 'append to job-2' }],
    [expect.anything(), { reason: 'append to job-32' }],
  ]);
  expect(observed).toEqual([
    ['event-store', 1],
    ['event-store', 1],
  ]);
});
