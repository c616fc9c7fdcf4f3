import { inspect } from 'node:util';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { ServerUnfit } from '../../../../infra/server-check';

test.each([
  ['esdb://admin:a@s3cret@log:2113', 'a password with "@" or ":" as they are'],
  ['esdb://admin:a:s3cret@log:2113', 'a password with "@" or ":" as they are'],
  ['esdb://admin:s3cret@[log', 'at character 21 no host'],
  ['esdb://admin:s3cret@log?tls=s3cret', 'no true or false'],
  ['http://admin:s3cret@log', 'no esdb:// or esdb+discover://'],
])(
  '%s is refused with the setting and what is wrong, and no piece of the password, cause included',
  (url, found) => {
    const open = (): unknown => openEventStore(url);
    expect(open).toThrow(ServerUnfit);
    expect(open).toThrow(/^EVENTSTORE_URL \(/);
    expect(open).toThrow(found);
    try {
      open();
    } catch (error) {
      expect(inspect(error, { depth: 9 })).not.toContain('s3cret');
    }
  },
);

test('what was taken before is taken still: a password with a slash, percent-encoded, or none', async () => {
  for (const url of [
    'esdb://admin:a/b@log:2113?tls=false',
    'esdb://admin:a%40b@log:2113?tls=false',
    'esdb://log:2113?tls=false',
    'esdb+discover://admin:changeit@a:1,b:2,c:3',
  ])
    await closeEventStore(openEventStore(url));
});
