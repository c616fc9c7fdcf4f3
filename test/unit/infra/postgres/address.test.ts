import type { PeerCertificate } from 'node:tls';
import { readAddress } from '../../../../infra/postgres/address';
import { settingsIn } from '../../../../infra/postgres/session-settings';
import { forHost } from '../../../../infra/postgres/tls';

test('a plain connection string is read as the driver read it', () => {
  expect(readAddress('postgres://ada:p%40ss@db.example:5433/jobs')).toMatchObject({
    hosts: [{ host: 'db.example', port: 5_433 }],
    ...{ user: 'ada', password: 'p@ss', database: 'jobs' },
    encryptions: [undefined],
    mustWrite: false,
  });
});

test.each`
  url                                             | hosts
  ${'postgres://u@a:1,b:2/db'}                    | ${[{ host: 'a', port: 1 }, { host: 'b', port: 2 }]}
  ${'postgresql://u@[::1]:1,[fe80::2]/db'}        | ${[{ host: '::1', port: 1 }, { host: 'fe80::2' }]}
  ${'postgres:///db?host=a,b&port=1,2'}           | ${[{ host: 'a', port: 1 }, { host: 'b', port: 2 }]}
  ${'postgres:///db?host=/run/postgresql&port=3'} | ${[{ host: '/run/postgresql', port: 3 }]}
  ${'postgres://u@%2Frun%2Fpostgresql/db'}        | ${[{ host: '/run/postgresql' }]}
  ${'postgres:///db'}                             | ${[{}]}
`('the hosts of $url, in their order', ({ url, hosts }: { url: string; hosts: unknown }) => {
  expect(readAddress(url).hosts).toEqual(hosts);
});

test.each([
  ['5', 5_000],
  ['0', undefined],
  ['9999999', 2 ** 31 - 1],
])('connect_timeout=%s, in seconds, is %p ms: as long as a timer can wait at most', (given, ms) => {
  expect(readAddress(`postgres://u@a/db?connect_timeout=${given}`).connectTimeoutMs).toBe(ms);
});

test('several hosts are asked for one that takes writes, for every process writes', () => {
  expect(readAddress('postgres://u@a,b/db').mustWrite).toBe(true);
  expect(readAddress('postgres://u@a/db?target_session_attrs=primary').mustWrite).toBe(true);
});

test.each`
  url                                                                   | found
  ${'db.example:5432/jobs'}                                             | ${'no connection string'}
  ${'mysql://u@h/db'}                                                   | ${'no connection string'}
  ${'postgres://u:se@cret@h/db'}                                        | ${'no connection string'}
  ${'postgres://u:se/cret@h/db'}                                        | ${'no connection string'}
  ${'postgres://u:se#cret@h/db'}                                        | ${'no connection string'}
  ${'postgres://u:se?cret@h/db'}                                        | ${'port that is no number'}
  ${'postgres://u:secret@h:99999/db'}                                   | ${'port that is no number'}
  ${'postgres://u:se%cret@h/db'}                                        | ${'a % that begins no encoded character'}
  ${'postgres://u:secret@h/db?sslmode=on'}                              | ${'sslmode=on'}
  ${'postgres://u:secret@h/db?sslrootcert=/none.pem'}                   | ${'ENOENT for the file /none.pem'}
  ${'postgres://u:secret@h/db?sslmode=verify-ca&sslrootcert=/none.pem'} | ${'ENOENT for the file /none.pem'}
  ${'postgres://u:secret@h/db?target_session_attrs=standby'}            | ${'target_session_attrs=standby'}
`(
  '$url is refused by the name of the setting, and no piece of its password is told',
  ({ url, found }: { url: string; found: string }) => {
    let message = '';
    try {
      readAddress(url);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/^POSTGRES_URL \(/);
    expect(message).toContain(found);
    expect(message).not.toMatch(/secret|cret@|se[@/#?]/);
  },
);

test.each`
  mode             | verifies | names    | tries
  ${'require'}     | ${false} | ${false} | ${1}
  ${'verify-ca'}   | ${true}  | ${false} | ${1}
  ${'verify-full'} | ${true}  | ${true}  | ${1}
  ${'prefer'}      | ${false} | ${false} | ${2}
`(
  'sslmode=$mode is what libpq makes of it',
  ({ mode, verifies, names, tries }: Readonly<Record<string, unknown>>) => {
    const { encryptions } = readAddress(`postgres://u@h/db?sslmode=${String(mode)}`);
    const [first] = encryptions;
    expect(encryptions).toHaveLength(Number(tries));
    expect(first).toMatchObject({ rejectUnauthorized: verifies });
    expect(first && 'checkServerIdentity' in first).toBe(!names);
  },
);

test('verify-full holds the certificate against the very address, not against localhost', () => {
  const [encryption] = readAddress('postgres://u@10.0.0.1/db?sslmode=verify-full').encryptions;
  const checked = forHost(encryption, '10.0.0.1');
  const check = checked ? checked.checkServerIdentity : undefined;
  const named = {
    subject: { CN: 'localhost' },
    subjectaltname: 'DNS:localhost',
  } as PeerCertificate; // all that is looked at
  expect(check?.('localhost', named)).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  expect(check?.('localhost', { ...named, subjectaltname: 'IP Address:10.0.0.1' })).toBeUndefined();
});

test('settings in options go to the session, and the rest stays for whoever routes by it', () => {
  expect(
    settingsIn(String.raw`endpoint=blue -c search_path=a,\ b -cwork_mem=5MB --lock-timeout=7`),
  ).toEqual({
    settings: { search_path: 'a, b', work_mem: '5MB', lock_timeout: '7' },
    rest: 'endpoint=blue',
  });
});
