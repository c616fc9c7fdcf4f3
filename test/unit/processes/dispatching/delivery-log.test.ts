import { deliveryLog } from '../../../../processes/dispatching/delivery-log';
import { manualTimers } from '../../../support/manual-timers';
import { silentLogger } from '../../../support/processes';

const START = Date.UTC(2026, 10, 28);
const away = new Error('connect ECONNREFUSED 127.0.0.1:2113');

const start = () => {
  const timers = manualTimers();
  const lines: { readonly level: string; readonly message: string; readonly fields: object }[] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields });
  const told = deliveryLog({
    logger: { ...silentLogger, info: at('info'), warn: at('warn'), error: at('error') },
    timers,
    now: () => START + timers.monotonicMs(),
  });
  const fail = (from: number, to: number): void => {
    for (let job = from; job < to; job += 1)
      told.failed({ jobId: `${job}`, dueAt: START + job }, away);
  };
  return { timers, lines, told, fail };
};

test('a server that is away is one line for all due jobs, with how many and how late the oldest is', () => {
  const { timers, lines, fail } = start();
  fail(0, 500);
  timers.advance(10_000);
  expect(lines).toEqual([
    {
      level: 'warn',
      message: expect.stringContaining('due jobs cannot be dispatched') as string,
      fields: { err: away, jobs: 500, oldestLateMs: 1_000, forMs: 1_000 },
    },
  ]);
});

test('it is told again when there are ten times more, and each minute, for who comes later to the log', () => {
  const { timers, lines, fail } = start();
  fail(0, 5);
  timers.advance(1_000);
  fail(5, 49);
  timers.advance(1_000);
  expect(lines).toHaveLength(1);
  fail(49, 50);
  timers.advance(1_000);
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatchObject({ fields: { jobs: 50, forMs: 3_000 } });
  timers.advance(60_000);
  expect(lines).toHaveLength(3);
});

test('when the last one is on its way that is a line, with how long it took', () => {
  const { timers, lines, told, fail } = start();
  fail(0, 2);
  timers.advance(1_000);
  told.over('0');
  told.over('1');
  timers.advance(1_000);
  expect(lines.slice(1)).toEqual([
    { level: 'info', message: 'due jobs are dispatched again', fields: { forMs: 2_000 } },
  ]);
  timers.advance(60_000);
  expect(lines).toHaveLength(2);
  expect(timers.pending()).toBe(0);
});

test('a try that fails and goes well within a second is counted and not told', () => {
  const { timers, lines, told, fail } = start();
  fail(0, 1);
  told.over('0');
  timers.advance(10_000);
  expect(lines).toEqual([]);
});

test('jobs that are given up are one line a second, and a stop leaves none untold', () => {
  const { timers, lines, told, fail } = start();
  fail(0, 256);
  for (let job = 0; job < 200; job += 1) told.gaveUp(`${job}`, away);
  timers.advance(1_000);
  expect(lines).toMatchObject([
    { level: 'error', fields: { jobs: 200 } },
    { level: 'warn', fields: { jobs: 56 } },
  ]);
  for (let job = 200; job < 256; job += 1) told.gaveUp(`${job}`, away);
  told.close();
  expect(lines[2]).toMatchObject({ level: 'error', fields: { jobs: 56 } });
  timers.advance(10_000);
  expect(lines).toHaveLength(3);
});
