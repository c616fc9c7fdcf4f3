import { parseConnectionString } from '../../../../infra/eventstore/connection-string';

test('a connection that died silently is found within 15 s, unless the string says otherwise', () => {
  const { keepAliveInterval, keepAliveTimeout } = parseConnectionString('esdb://a').options;
  expect(Number(keepAliveInterval) + Number(keepAliveTimeout)).toBeLessThanOrEqual(15_000);
  const own = parseConnectionString('esdb://a?keep-alive-interval=500&KEEPALIVETIMEOUT=-1').options;
  expect(own).toMatchObject({ keepAliveInterval: 500, keepAliveTimeout: -1 });
});

test.each`
  url                                | kind          | endpoints
  ${'esdb://db'}                     | ${'single'}   | ${['db:2113']}
  ${'kurrentdb://db:1/'}             | ${'single'}   | ${['db:1']}
  ${'esdb://[::1]:2113?tls=false'}   | ${'single'}   | ${['[::1]:2113']}
  ${'esdb://u:p@[fe80::1],b:2'}      | ${'seeds'}    | ${['[fe80::1]:2113', 'b:2']}
  ${'esdb+discover://cluster:2?a=b'} | ${undefined}  | ${undefined}
  ${'esdb+discover://cluster:2'}     | ${'discover'} | ${['cluster:2']}
`('$url is $kind of $endpoints', ({ url, kind, endpoints }: Nodes) => {
  if (kind === undefined) {
    expect(() => parseConnectionString(url)).toThrow('unknown parameter "a"');
    return;
  }
  const read = parseConnectionString(url);
  expect(read.kind).toBe(kind);
  expect(read.endpoints.map(({ address, port }) => `${address}:${port}`)).toEqual(endpoints);
});

test.each([
  ['esdb://ada:p%40ss%3A@db', 'p@ss:'],
  ['esdb://ada:p:a:ss@db', 'p:a:ss'],
  ['esdb://ada:p@ss@db', 'p@ss'],
])('the password of %s is whole', (url, password) => {
  expect(parseConnectionString(url).credentials).toEqual({ username: 'ada', password });
});

test.each([
  [5000, 5],
  [3, 3],
  [600_000, 30],
  [0, 1],
])('a gossip timeout of %d is %d s, whichever unit its writer had in mind', (given, seconds) => {
  const url = `esdb://a,b?gossipTimeout=${given}`;
  expect(parseConnectionString(url).options).toMatchObject({ gossipTimeout: seconds });
});

test('a number that no timer can wait for is the longest one: Node would take it for no wait at all', () => {
  const names = ['keepAliveInterval', 'keepAliveTimeout', 'discoveryInterval', 'defaultDeadline'];
  const query = names.map((name) => `${name}=9999999999`).join('&');
  expect(parseConnectionString(`esdb://a?${query}`).options).toMatchObject(
    Object.fromEntries(names.map((name) => [name, 2 ** 31 - 1])),
  );
});

test.each([
  ['http://ada:s3cret@db', 'no esdb://'],
  ['ada:s3cret@db', 'no esdb://'],
  ['esdb://ada:s3cret@', 'no host[:port] where one should be'],
  ['esdb://ada:s3cret@db:port', 'no host[:port] where one should be'],
  ['esdb://ada:s3cret@db:99999', 'no host[:port] where one should be'],
  ['esdb://ada:s3cret', 'no host[:port] where one should be'],
  ['esdb://ada@db', 'a user without a password'],
  ['esdb://ada:s3cret%@db', 'a percent sign that begins no character'],
  ['esdb://ada:s3cret@db?tls=maybe', 'neither true nor false at tls'],
  ['esdb://ada:s3cret@db?tsl=false', 'the unknown parameter "tsl"'],
  ['esdb://ada:s3cret@db?keepAliveInterval=often', 'no whole number at keepAliveInterval'],
  ['esdb://ada:s3cret@db?tlsCAFile=/no/such.pem', 'a file that cannot be read'],
  ['esdb://ada:s3cret@db?nodePreference=best', 'none of leader'],
])('%s is refused by setting and without its password: %s', (url, found) => {
  expect(() => parseConnectionString(url)).toThrow(found);
  expect(() => parseConnectionString(url)).toThrow('EVENTSTORE_URL (');
  expect(() => parseConnectionString(url)).not.toThrow('s3cret');
});

type Nodes = {
  readonly url: string;
  readonly kind: string | undefined;
  readonly endpoints: readonly string[];
};
