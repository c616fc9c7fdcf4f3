import { givenAddress, givenTls, givenUser } from '../../../../embedded/eventstore/flags';

test('a user is a name and a password, which may have colons', () => {
  expect(givenUser('ada:p:q')).toEqual({ name: 'ada', password: 'p:q' });
});

test.each(['ada', ':p', 'ada:', ''])('%p is no user, and the error says what is', (text) => {
  expect(() => givenUser(text)).toThrow('name:password');
});

test('an address is a host and a port', () => {
  expect(givenAddress('store.example:2113')).toEqual({ host: 'store.example', port: 2113 });
  expect(givenAddress(undefined)).toBeUndefined();
  expect(() => givenAddress('store.example')).toThrow('host:port');
});

test('a certificate comes with its key, from files that can be read', () => {
  expect(givenTls(undefined, undefined)).toBeUndefined();
  expect(() => givenTls('cert.pem', undefined)).toThrow('go together');
  expect(() => givenTls('/no/such/cert.pem', '/no/such/key.pem')).toThrow('cannot be read');
  const tls = givenTls(__filename, __filename);
  expect(tls?.cert.toString()).toContain('go together');
});
