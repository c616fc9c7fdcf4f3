import { chown, copyFile, chmod, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openSession } from '../../../../infra/postgres/session';
import { selfSigned, type TestCertificate } from '../../../support/certificate';
import { until } from '../../../support/until';
import { ownPostgres, query, type OwnPostgres } from './server';

let server: OwnPostgres;
let certificate: TestCertificate;

/** Puts the certificate into the server's own folder, as its own file, and makes it read its settings again. */
const encrypt = async (): Promise<void> => {
  const [row] = await query(server.url, `select current_setting('data_directory') as folder`);
  const { folder } = row as { readonly folder: string }; // as selected
  const { uid, gid } = await stat(folder);
  const files = { 'server.crt': certificate.file, 'server.key': certificate.keyFile };
  for (const [name, from] of Object.entries(files)) {
    await copyFile(from, join(folder, name));
    await chown(join(folder, name), uid, gid);
    await chmod(join(folder, name), 0o600);
  }
  await query(server.url, 'alter system set ssl = on');
  await query(server.url, 'select pg_reload_conf()');
  await until(
    async () =>
      (await query(server.url, `select from pg_settings where name = 'ssl' and setting = 'on'`))
        .length === 1,
    { what: 'the server encrypts' },
  );
};

beforeAll(async () => {
  server = await ownPostgres();
  certificate = await selfSigned();
  await encrypt();
});

afterAll(async () => {
  await server.dispose();
  await certificate.remove();
});

/** Whether the session is encrypted, as the server sees it; or what it was refused with. */
const outcome = async (parameters: Readonly<Record<string, string>>): Promise<unknown> => {
  const url = `${server.url}?${new URLSearchParams(parameters).toString()}`;
  try {
    const session = await openSession({ url, applicationName: 'encryption' });
    const { rows } = await session.client.query<{ readonly ssl: boolean }>(
      'select ssl from pg_stat_ssl where pid = pg_backend_pid()',
    );
    await session.close();
    return rows[0]?.ssl;
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
};

test.each`
  sslmode          | root     | expected                         | why
  ${'disable'}     | ${false} | ${false}                         | ${'nobody asked for it'}
  ${'allow'}       | ${false} | ${false}                         | ${'the server takes plain text as well'}
  ${'prefer'}      | ${false} | ${true}                          | ${'the server has it'}
  ${'require'}     | ${false} | ${true}                          | ${'who signed it does not matter'}
  ${'verify-ca'}   | ${false} | ${'DEPTH_ZERO_SELF_SIGNED_CERT'} | ${'nobody knows who signed it'}
  ${'verify-ca'}   | ${true}  | ${true}                          | ${'it is its own authority'}
  ${'verify-full'} | ${true}  | ${true}                          | ${'it names this address as well'}
`(
  'sslmode=$sslmode, root certificate: $root: $expected, for $why',
  async ({
    sslmode,
    root,
    expected,
  }: {
    sslmode: string;
    root: boolean;
    expected: boolean | string;
  }) => {
    const parameters = { sslmode, ...(root && { sslrootcert: certificate.file }) };
    expect(await outcome(parameters)).toBe(expected);
  },
);
