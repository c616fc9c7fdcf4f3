import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerNeeds } from '../../../../infra/nats/broker-needs';
import { brokerChecks } from '../../../../infra/nats/checks';
import { connectBroker, type Broker } from '../../../../infra/nats/connection';
import { jobDueMessages } from '../../../../infra/nats/due-messages';
import { dueQueue } from '../../../../infra/nats/due-queue';
import { dueStock, type StoredSubject } from '../../../../infra/nats/due-stock';
import { forgetDueMessages } from '../../../../infra/nats/forget-messages';
import { brokerNames, type BrokerNames } from '../../../../infra/nats/names';
import { queueDepths } from '../../../../infra/nats/queue-depths';
import { readStoredMessages } from '../../../../infra/nats/stored-messages';
import { dueStreamOwner, ensureDueStream } from '../../../../infra/nats/topology';
import { startNatsServer, type NatsServer } from '../../../support/nats-server';

const acme = brokerNames('acme');
const systems = [
  { names: brokerNames(undefined), systemId: '019ab3c4-5d6e-7f80-9a1b-000000000901' },
  { names: acme, systemId: '019ab3c4-5d6e-7f80-9a1b-000000000902' },
  { names: brokerNames('acme2'), systemId: '019ab3c4-5d6e-7f80-9a1b-000000000903' },
];
const maxBytes = 64 * 1_024 ** 2;
const none: BrokerNeeds = { sends: false, tends: false, serves: false };

let server: NatsServer;
const brokers: Broker[] = [];
afterEach(async () => {
  await Promise.all(brokers.splice(0).map((broker) => broker.close()));
  await server.dispose();
});

const connectAs = async (user?: string): Promise<Broker> => {
  const login = user === undefined ? '' : `${user}:change-me@`;
  const url = `nats://${login}127.0.0.1:${server.port}`;
  const broker = await connectBroker({ url, name: 'shared-broker-test' });
  brokers.push(broker);
  return broker;
};

test('systems on one broker have a stream, messages and consumers each, even of the same job', async () => {
  server = await startNatsServer('');
  const broker = await connectAs();
  const { connection } = broker;
  for (const { names, systemId } of systems) {
    const settings = { maxBytes, systemId };
    await ensureDueStream(connection, names, settings);
    const messages = jobDueMessages(connection, names, settings);
    await messages.publish('default', 'job1', 'job1/1/1', `"${systemId}"`);
  }
  for (const { names, systemId } of systems) {
    expect(await dueStreamOwner(connection, names)).toBe(systemId);
    const subjects: StoredSubject[] = [];
    const stock = dueStock(connection, names, { maxBytes, systemId });
    await stock.subjects((subject) => subjects.push(subject));
    expect(subjects).toEqual([{ queue: 'default', jobId: 'job1', messages: 1 }]);
    expect(await queueDepths(connection, names).depthOf('default')).toMatchObject({ waiting: 1 });

    const stored: string[] = [];
    await readStoredMessages(
      connection,
      names,
      ({ stream, subject, data }) => stored.push(`${stream} ${subject} ${String(data)}`),
      new AbortController().signal,
    );
    expect(stored).toEqual([
      `${names.stream} ${names.dueSubject('default', 'job1')} "${systemId}"`,
    ]);

    const ensureStream = () => ensureDueStream(connection, names, { maxBytes, systemId });
    const queue = dueQueue({ broker, names, queue: 'default', ensureStream });
    await queue.ensure();
    const pulled: string[] = [];
    const pull = (count: number, expiresMs: number) =>
      queue.pull(count, expiresMs, (message) => {
        pulled.push(Buffer.from(message.data).toString());
        message.ack();
      }).ended;
    expect(await pull(1, 60_000)).toBe('filled');
    await pull(5, 300); // and no more
    expect(pulled).toEqual([`"${systemId}"`]);
  }
});

test('what a replay throws away of one system stays of the others', async () => {
  server = await startNatsServer('');
  const { connection } = await connectAs();
  for (const { names, systemId } of systems)
    await ensureDueStream(connection, names, { maxBytes, systemId });
  await forgetDueMessages({ url: `nats://127.0.0.1:${server.port}` }, acme);
  const owners = systems.map(({ names }) => dueStreamOwner(connection, names));
  expect((await Promise.all(owners)).map((owner) => owner !== undefined)).toEqual([
    true,
    false,
    true,
  ]);
});

describe('with the rights that docs/operations.md lists, each with the prefix', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/operations.md'), 'utf8');
  const snippet = /```nats\n([^]*?)```/.exec(page)?.[1] ?? '';
  const prefixed = snippet
    .replaceAll('"jobs.', '"acme.jobs.')
    .replaceAll('"executor.', '"acme.executor.')
    .replaceAll('JOBS_DUE', 'acme_JOBS_DUE');
  const needsOf: Readonly<Record<string, BrokerNeeds>> = {
    rescuer: { ...none, tends: true },
    dispatcher: { ...none, sends: true },
    gateway: { ...none, serves: true },
    executor: { ...none, takes: 'default' },
  };
  const findings = async (user: string, names: BrokerNames) => {
    const { connection } = await connectAs(user);
    const found: object[] = [];
    const needs = needsOf[user] ?? none;
    for (const { look } of brokerChecks({ connection, names, stream: { maxBytes }, needs })) {
      const verdict = await look();
      if (verdict.outcome !== 'ok') found.push(verdict);
    }
    return found;
  };

  test('each process finds all that it needs, and no process of another system does', async () => {
    server = await startNatsServer(prefixed);
    for (const user of Object.keys(needsOf)) {
      expect({ [user]: await findings(user, acme) }).toEqual({ [user]: [] });
      const [found] = await findings(user, brokerNames('acme2'));
      expect(found).toMatchObject({
        outcome: 'missing',
        remedy: expect.stringContaining('acme2') as string,
      });
    }
  });
});
