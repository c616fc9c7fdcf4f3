import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrokerAccess } from '../../../../infra/nats/access';
import { connectBroker } from '../../../../infra/nats/connection';
import { ensureDueStream } from '../../../../infra/nats/topology';
import { ServerUnfit } from '../../../../infra/server-check';
import { selfSigned, type TestCertificate } from '../../../support/certificate';
import { natsOperator } from '../../../support/nats-operator';
import { startNatsServer, type NatsServer } from '../../../support/nats-server';
import { plainBroker } from '../../../support/names';

let server: NatsServer;
let certificate: TestCertificate;

beforeAll(async () => {
  certificate = await selfSigned();
});
afterAll(() => certificate.remove());
afterEach(() => server.dispose());

/** Connects and stores a stream, which takes requests and answers in both directions. */
const works = async (access: BrokerAccess): Promise<boolean> => {
  const broker = await connectBroker({ ...access, name: 'access-test' });
  try {
    await ensureDueStream(broker.connection, plainBroker, { maxBytes: 1024 ** 2 });
    return true;
  } finally {
    await broker.close();
  }
};

const refusal = async (access: BrokerAccess): Promise<string> => {
  const error: unknown = await connectBroker({ ...access, name: 'access-test' }).then(
    (broker) => broker.close(),
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(ServerUnfit);
  return (error as ServerUnfit).message;
};

const password = 's3cret/with@all:of%it';
const encoded = encodeURIComponent(password);
const tls = () => `tls { cert_file: "${certificate.file}", key_file: "${certificate.keyFile}" }`;

test('user and password of the URL are used, written in percent where they have to be', async () => {
  server = await startNatsServer(
    `authorization { user: "the app", password: ${JSON.stringify(password)} }`,
  );
  const at = `127.0.0.1:${server.port}`;
  expect(await works({ url: `nats://the%20app:${encoded}@${at}` })).toBe(true);
  const said = await refusal({ url: `nats://app:wrong-${encoded}@${at}` });
  expect(said).toContain(`NATS_URL (nats://app@${at}): tried to log in`);
  expect(said).toContain('Authorization Violation');
  expect(said).not.toContain('s3cret');
  expect(await refusal({ url: `nats://${at}` })).toContain('tried to log in');
});

test('a token of the URL is used', async () => {
  server = await startNatsServer('authorization { token: "to.ken" }');
  expect(await works({ url: `nats://to.ken@127.0.0.1:${server.port}` })).toBe(true);
});

test('with several addresses one that is away does not matter, and one user is enough for all', async () => {
  server = await startNatsServer('authorization { user: app, password: pw }');
  const url = `nats://app:pw@127.0.0.1:1, nats://127.0.0.1:${server.port}`;
  expect(await works({ url })).toBe(true);
});

test('tls:// is TLS: with the authority that is named, and with no other', async () => {
  server = await startNatsServer(tls());
  for (const host of ['localhost', '127.0.0.1']) {
    const url = `tls://${host}:${server.port}`;
    expect(await works({ url, caFile: certificate.file })).toBe(true);
  }
  const said = await refusal({ url: `tls://localhost:${server.port}` });
  expect(said).toMatch(/tried to speak TLS, found .*SELF_SIGNED.*NATS_CA_FILE/);
});

test.each([
  ['the scheme', (port: number) => ({ url: `tls://127.0.0.1:${port}` })],
  [
    'an authority',
    (port: number) => ({ url: `nats://127.0.0.1:${port}`, caFile: certificate.file }),
  ],
])('TLS that %s asks for is never clear text', async (_, accessOf) => {
  server = await startNatsServer('');
  expect(await refusal(accessOf(server.port))).toMatch(/tried to speak TLS, which is asked for/);
});

test('a client certificate is shown to a server that wants one', async () => {
  server = await startNatsServer(
    `tls { cert_file: "${certificate.file}", key_file: "${certificate.keyFile}", ca_file: "${certificate.file}", verify: true }`,
  );
  const url = `tls://localhost:${server.port}`;
  const { file: certFile, keyFile } = certificate;
  expect(await works({ url, caFile: certFile, certFile, keyFile })).toBe(true);
  expect(await refusal({ url, caFile: certFile })).toMatch(/tried to speak TLS.*NATS_CERT_FILE/);
});

test('a credentials file is used', async () => {
  const { config, creds } = natsOperator();
  server = await startNatsServer(config);
  const credsFile = join(server.folder, 'app.creds');
  await writeFile(credsFile, creds);
  const url = `nats://127.0.0.1:${server.port}`;
  expect(await works({ url, credsFile })).toBe(true);
  await writeFile(credsFile, 'nothing of the kind');
  expect(await refusal({ url, credsFile })).toMatch(/tried to log in.*NATS_CREDS_FILE/);
  expect(await refusal({ url, credsFile: `${credsFile}.old` })).toMatch(
    /tried to read .*app\.creds\.old, which NATS_CREDS_FILE names, found ENOENT/,
  );
});
