import { connectBroker } from '../../../infra/nats/connection';
import { ServerUnfit } from '../../../infra/server-check';
import { parseConfig } from '../../../processes/settings/config';
import { resources } from '../../../processes/runtime/resources';
import { openNats } from '../../../processes/composition/shared-nats';
import { startNatsServer, type NatsServer } from '../../support/nats-server';
import { silentLogger } from '../../support/processes';
import { plainBroker } from '../../support/names';

let server: NatsServer;
const opened = resources();

afterEach(async () => {
  await opened.close();
  await server.dispose();
});

const open = (login = '', env: Readonly<Record<string, string>> = {}) => {
  const NATS_URL = `nats://${login}127.0.0.1:${server.port}`;
  return openNats({ ...parseConfig(env), NATS_URL }, plainBroker, opened.own, silentLogger, {
    systemId: undefined,
    onUnfit: () => undefined,
    onTrouble: () => undefined,
    onCalm: () => undefined,
  });
};

test('a broker without JetStream ends the start with a sentence, and no error code', async () => {
  server = await startNatsServer('', { jetStream: false });
  const error = await open().catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(ServerUnfit);
  expect((error as Error).message).toBe(
    `NATS_URL (nats://127.0.0.1:${server.port}): tried JetStream, found a server without JetStream. Enable it (jetstream { … } in its configuration, or -js).`,
  );
});

test('a wrong password ends the start at once, and is not shown', async () => {
  server = await startNatsServer('authorization { user: app, password: right }');
  const error = await open('app:hunter2@').catch((failure: unknown) => failure);
  expect((error as Error).message).toMatch(/^NATS_URL \(nats:\/\/app@127.*tried to log in/);
  expect((error as Error).message).not.toContain('hunter2');
});

test('a program of which nothing needs the stream needs no right to it', async () => {
  server = await startNatsServer(
    `accounts { A { jetstream: enabled, users: [
      { user: gateway, password: pw, permissions { publish: ["_INBOX.>"], subscribe: ["executor.>"] } }
      { user: admin, password: pw } ] } }`,
  );
  await open('gateway:pw@', { PROCESSES: 'executor-gateway' });
  const url = `nats://admin:pw@127.0.0.1:${server.port}`;
  const admin = opened.own(await connectBroker({ url, name: 'admin' }), ({ close }) => close());
  const manager = await admin.connection.jetstreamManager();
  await expect(manager.streams.info(plainBroker.stream)).rejects.toThrow('stream not found');
});
