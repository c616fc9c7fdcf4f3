import { failureLog } from '../../../core/failure-log';

test('of many failures the first is logged at once, the rest counted and told every five seconds', () => {
  let now = 0;
  const lines: unknown[] = [];
  const report = failureLog(
    (level, message, fields) => lines.push({ level, message, ...fields }),
    () => now,
    'reads fail',
  );
  const fail = (times: number): void => {
    for (let i = 0; i < times; i += 1) report(new Error('away'), { kind: 'read-all' });
  };
  const line = { level: 'warn', message: 'reads fail', kind: 'read-all', error: 'Error: away' };
  fail(100);
  expect(lines).toEqual([{ ...line, failures: 1 }]);
  now = 4_999;
  fail(1);
  expect(lines).toHaveLength(1);
  now = 5_000;
  fail(50);
  expect(lines).toEqual([
    { ...line, failures: 1 },
    { ...line, failures: 101 },
  ]);
});
