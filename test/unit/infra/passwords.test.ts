import { withoutPasswords } from '../../../infra/passwords';
import { createLogger } from '../../../infra/logger';

test.each([
  [
    'cannot reach esdb://admin:pa55@log:2113?tls=false',
    'cannot reach esdb://admin:…@log:2113?tls=false',
  ],
  ['postgres://app:p/a@55@db/jobs is none', 'postgres://app:…@db/jobs is none'],
  ['esdb:/admin:pa55@log', 'esdb:/admin:…@log'],
  ['nats://t0ken@mq', 'nats://…@mq'],
  ['{"url":"nats://u:pa55@mq","by":"ada@x.org"}', '{"url":"nats://u:…@mq","by":"ada@x.org"}'],
  [
    'postgres://db/jobs?sslmode=off&password=pa55&x=1',
    'postgres://db/jobs?sslmode=off&password=…&x=1',
  ],
  ['posted to https://me:pa55@x.org/a', 'posted to https://me:…@x.org/a'],
  ['read https://x.org/@ada/page', 'read https://x.org/@ada/page'],
  ['mail from ada@x.org', 'mail from ada@x.org'],
])('%s is shown as %s', (text, shown) => {
  expect(withoutPasswords(text)).toBe(shown);
});

test('an error that carries its connection string, as the parser of the event store client has it, is logged without the password', () => {
  const lines: string[] = [];
  const logger = createLogger(
    { level: 'info', name: 'test' },
    { write: (line) => lines.push(line) },
  );
  const error = Object.assign(new Error('bad'), {
    connectionString: 'esdb://admin:pa55@log?tls=x',
  });
  logger.child({ component: 'one' }).error({ err: error }, 'cannot connect');
  expect(lines.join('')).toContain('esdb://admin:…@log');
  expect(lines.join('')).not.toContain('pa55');
});
