import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventStoreDBClient } from '@eventstore/db-client';
import { EventLogRefused } from '../../../../domain/event-log';
import { eventStoreChecks } from '../../../../infra/eventstore/checks';
import { closeEventStore, openEventStore } from '../../../../infra/eventstore/client';
import { eventStoreEventAt } from '../../../../infra/eventstore/event-at';
import { eventStoreLog } from '../../../../infra/eventstore/event-log';
import { eventStoreFeed } from '../../../../infra/eventstore/feed';
import { systemClock } from '../../../../infra/clock';
import { projector } from '../../../../processes/projecting/projector';
import { checkServer } from '../../../../processes/starting/server-checks';
import { watchedVitals } from '../../../../processes/health/vitals';
import { readModel } from '../../../../projections/projections';
import { selfSigned, type TestCertificate } from '../../../support/certificate';
import { startTestEventStore, type TestEventStore } from '../../../support/event-store';
import { newEvent } from '../../../support/new-event';
import { silentLogger, silentProjectorMetrics } from '../../../support/processes';
import { createReadModel, type TestReadModel } from '../../../support/read-model';
import { until } from '../../../support/until';
import { plainStreams } from '../../../support/names';

// an event store that belongs to somebody else gives rights, and takes them away

let certificate: TestCertificate;
let store: TestEventStore;
let model: TestReadModel;
const clients: EventStoreDBClient[] = [];
const urlOf = (login: string): string =>
  `esdb://${login}@localhost:${store.server.port}?tls=true&tlsCAFile=${encodeURIComponent(certificate.file)}`;
const open = (login: string): EventStoreDBClient => {
  const client = openEventStore(urlOf(login));
  clients.push(client);
  return client;
};

beforeAll(async () => {
  certificate = await selfSigned();
  store = await startTestEventStore({
    tls: certificate,
    users: [
      { name: 'admin', password: 'changeit' },
      { name: 'ada', password: 'secret' },
    ],
  });
  model = await createReadModel();
});
afterAll(async () => {
  await Promise.all(clients.map(closeEventStore));
  await model.dispose();
  await store.close();
  await certificate.remove();
});

const allowAll = (names: readonly string[]) =>
  open('admin:changeit').setStreamMetadata('$all', { acl: { readRoles: [...names] } });
const verdicts = async (client: EventStoreDBClient) => {
  const outcomes: string[] = [];
  for (const { look } of eventStoreChecks(client, plainStreams, { follows: true }))
    outcomes.push((await look()).outcome);
  return outcomes;
};
const refusal = (login: string) =>
  checkServer(eventStoreChecks(open(login), plainStreams, { follows: true }), {
    url: urlOf(login),
    logger: silentLogger,
  }).catch((error: unknown) => error);

test('an administrator may do all that is needed, and nothing is written by asking', async () => {
  expect(await verdicts(open('admin:changeit'))).toEqual(['ok', 'ok', 'ok']);
  const admin = open('admin:changeit');
  const written: string[] = [];
  for await (const { event } of admin.readAll()) if (event) written.push(event.streamId);
  expect(written.filter((stream) => !stream.startsWith('$'))).toEqual([]);
});

const NOBODY = '00000000-0000-0000-0000-000000000000';

test.each([
  ['seals', '$r', 'seals'],
  ['seals', '$w', 'seals'],
  ['shares', '$w', 'shares'],
  ['punctual-system', '$r', 'punctual-system'],
  [`job-${NOBODY}`, '$w', 'job-*'],
  [`schedule-${NOBODY}`, '$r', 'schedule-*'],
  [`operation-${NOBODY}`, '$w', 'operation-*'],
  [`webhook-${NOBODY}`, '$r', 'webhook-*'],
])(
  'a user without a right to one stream of Punctual is told which, for each may have an ACL of its own: %s, %s',
  async (stream, right, called) => {
    const [readRoles, writeRoles] =
      right === '$r' ? [['$admins'], ['$all']] : [['$all'], ['$admins']];
    const admin = open('admin:changeit');
    await admin.setStreamMetadata(stream, { acl: { readRoles, writeRoles } });
    // beside the one of the whole log, which it never had here
    const { errors } = (await refusal('ada:secret')) as AggregateError;
    await admin.setStreamMetadata(stream, { acl: { readRoles: ['$all'], writeRoles: ['$all'] } });
    expect(String(errors)).toContain(`Give it ${right} on streams \`${called}\`:`);
    const page = await readFile(join(__dirname, '../../../../docs/operations.md'), 'utf8');
    const [documented = ''] = /^The user needs to read and append to streams .*$/m.exec(page) ?? [];
    expect(documented).toContain(`\`${called.replace('system', '*')}\``);
  },
);

test('a user without the right to the whole log is refused at the start, by setting, server, right and remedy', async () => {
  expect(await verdicts(open('ada:secret'))).toEqual(['ok', 'ok', 'missing']);
  const { message } = (await refusal('ada:secret')) as Error;
  expect(message).toContain('EVENTSTORE_URL (esdb://ada@localhost');
  expect(message).toContain('tried to read the whole log');
  expect(message).toContain('Give it $r on `$all`');
  expect(message).not.toContain('secret');
});

test('a wrong password is refused by name, and never shown', async () => {
  const error = (await refusal('ada:wrong-one')) as AggregateError;
  expect(error.errors).toHaveLength(3);
  expect(String(error.errors[0])).toContain('its password is wrong');
  expect(String(error.errors)).not.toContain('wrong-one');
});

test('a command of a user without rights is a refusal with a name, at once: trying again does not help', async () => {
  const log = eventStoreLog(open('ada:wrong-one'), plainStreams);
  const refused = log.append('job-1', [newEvent()], 'no-stream');
  await expect(refused).rejects.toBeInstanceOf(EventLogRefused);
  await expect(refused).rejects.toMatchObject({ because: 'access-denied' });
  await expect(log.read('job-1')).rejects.toMatchObject({ because: 'access-denied' });
});

test('a right that is lost while running is told for as long as it is missing, and the projector goes on when it is back', async () => {
  await allowAll(['$admins']);
  const client = open('ada:secret');
  const vitals = watchedVitals({
    process: 'projector',
    logger: silentLogger,
    observe: () => undefined,
  });
  const stopping = new AbortController();
  const running = projector({
    projection: readModel,
    feed: eventStoreFeed(client, plainStreams),
    eventLog: eventStoreLog(client, plainStreams),
    eventAt: eventStoreEventAt(client),
    openSession: model.openSession,
    clock: systemClock,
    draw: Math.random,
    logger: silentLogger,
    metrics: silentProjectorMetrics,
    vitals,
  }).run(stopping.signal);
  await until(() => vitals.look().hindrances.length > 0);
  expect(vitals.look().hindrances).toEqual([
    { server: 'event-store', reason: expect.stringMatching(/denied|PERMISSION/i) as string },
  ]);
  await allowAll(['ada']);
  await until(() => vitals.look().hindrances.length === 0);
  await until(() => vitals.look().stillMs < 2_000);
  stopping.abort();
  await running;
});
