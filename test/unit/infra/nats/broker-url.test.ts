import type { PeerCertificate } from 'node:tls';
import { identityCheck } from '../../../../infra/nats/access';
import { parseBrokerUrl } from '../../../../infra/nats/broker-url';
import { ServerUnfit } from '../../../../infra/server-check';

test.each([
  ['nats://broker', ['broker:4222']],
  ['broker:4223', ['broker:4223']],
  ['nats://[::1]:4222/', ['[::1]:4222']],
  ['nats://a, nats://b:1 ,c', ['a:4222', 'b:1', 'c:4222']],
])('%s names its servers', (url, servers) => {
  expect(parseBrokerUrl(url)).toMatchObject({ servers, tls: false });
});

test('user and password are what was encoded; a name alone is a token', () => {
  expect(parseBrokerUrl('tls://a%40b:p%3Aw%2C%25@host')).toMatchObject({
    user: 'a@b',
    password: 'p:w,%',
    tls: true,
  });
  expect(parseBrokerUrl('nats://abc@host')).toMatchObject({ token: 'abc' });
});

test.each([
  ['http://host', 'the scheme http://'],
  ['nats://', 'an address that is not host:port'],
  ['nats://host:99999', 'an address that is not host:port'],
  ['nats://host:4222?tls=true', 'an address that is not host:port'],
  ['nats://user:hunter2@tail@host', '@ / ? # as it is'],
  ['nats://user:hunter2:more@host', ': as it is'],
  ['nats://user:hunter2%zz@host', 'a % that begins no character'],
  ['nats://:hunter2@host', 'a password without a user'],
  ['nats://a:hunter2@host,nats://b:hunter2@host', 'more than one user'],
  [',', 'no address'],
])('%s is refused in a sentence that names the setting and shows no password', (url, found) => {
  const parse = () => parseBrokerUrl(url);
  expect(parse).toThrow(ServerUnfit);
  expect(parse).toThrow(/^NATS_URL \(/);
  expect(parse).toThrow(found);
  expect(parse).not.toThrow(/hunter2/);
});

test('a server that is named by its address is held against it, not against localhost', () => {
  const certificate = (subjectaltname: string) => ({ subjectaltname }) as PeerCertificate;
  const check = identityCheck(['10.0.0.7', '10.0.0.8']);
  expect(check('localhost', certificate('IP Address:10.0.0.8'))).toBeUndefined();
  expect(check('localhost', certificate('DNS:localhost'))).toMatchObject({
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});
