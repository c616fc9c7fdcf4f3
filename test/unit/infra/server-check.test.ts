import { ServerUnfit, withoutSecrets } from '../../../infra/server-check';

describe('a connection string as it may be shown', () => {
  it.each([
    ['postgres://app:pa55@db:5432/jobs?sslpassword=x', 'postgres://app@db:5432/jobs'],
    ['postgres://app:p@ss@db/jobs', 'postgres://app@db/jobs'],
    ['postgres://app:p/a@ss@db/jobs', 'postgres://app@db/jobs'],
    ['postgres://app:p:1@db1:1,db2:2/jobs', 'postgres://db1:1,db2:2/jobs'],
    ['nats://token@mq:4222', 'nats://mq:4222'],
    ['nats://u:p@a:1,nats://u:q@b:2', 'nats://u@a:1,nats://u@b:2'],
    ['esdb+discover://admin:changeit@a:1,b:2?tls=false', 'esdb+discover://admin@a:1,b:2'],
    ['esdb://[::1]:2113', 'esdb://[::1]:2113'],
    ['postgres://db/jobs?password=a@b', 'postgres://…'],
    ['esdb://ada:pa55', 'esdb://…'],
    ['db.internal:5432/jobs', 'db.internal:5432/jobs'],
  ])('%s has no secret left', (url, shown) => {
    expect(withoutSecrets(url)).toBe(shown);
  });
});

it('a server that does not fit is told by setting, server, what was tried, what came back and what to do', () => {
  const unfit = new ServerUnfit({
    setting: 'POSTGRES_URL',
    url: 'postgres://app:pa55@db/jobs',
    tried: 'to make a table',
    found: 'no right to',
    remedy: 'Run `punctual migrate` under another role.',
  });
  expect(unfit.message).toBe(
    'POSTGRES_URL (postgres://app@db/jobs): tried to make a table, found no right to. Run `punctual migrate` under another role.',
  );
});
