import { doctor } from '../../../cli/doctor/doctor';
import { connectBroker } from '../../../infra/nats/connection';
import { dueStreamInfo, ensureDueStream } from '../../../infra/nats/topology';
import { migrate } from '../../../infra/postgres/migrate';
import { migrations } from '../../../projections/migrations/migrations';
import { startTestEventStore, type TestEventStore } from '../../support/event-store';
import { startNatsServer, type NatsServer } from '../../support/nats-server';
import { createDatabase, type TestDatabase } from '../../support/postgres';
import { linesOf, runVerbHere } from '../../support/run-verb';
import { plainBroker } from '../../support/names';
import { query } from '../infra/postgres/server';

// one command says of all three servers what is missing and what to do, before anything is started on them

let store: TestEventStore;
let broker: NatsServer;
let database: TestDatabase;
let good: Readonly<Record<string, string>>;

beforeAll(async () => {
  [store, broker, database] = await Promise.all([
    startTestEventStore(),
    startNatsServer(''),
    createDatabase(),
  ]);
  await migrate(database.url, migrations);
  good = {
    PUNCTUAL_EVENTSTORE_URL: store.server.url,
    PUNCTUAL_POSTGRES_URL: database.url,
    PUNCTUAL_NATS_URL: `nats://127.0.0.1:${broker.port}`,
  };
});
afterAll(async () => {
  await Promise.all([store.close(), broker.dispose(), database.drop()]);
});

const examined = async (env: Readonly<Record<string, string>>) => {
  const { code, output } = await runVerbHere(doctor, ['--json'], { ...good, ...env });
  const found = linesOf(output).map((line) => line as Readonly<Record<string, string>>);
  return { code, output, found, troubled: found.filter(({ outcome }) => outcome !== 'ok') };
};

test('servers that have all that is needed: exit 0, and each check by name', async () => {
  const { code, found, troubled } = await examined({});
  expect(troubled).toEqual([]);
  expect(code).toBe(0);
  const bySetting = (setting: string) => found.filter((one) => one['setting'] === setting).length;
  expect(bySetting('EVENTSTORE_URL')).toBeGreaterThanOrEqual(4);
  expect(bySetting('POSTGRES_URL')).toBeGreaterThanOrEqual(7);
  expect(bySetting('NATS_URL')).toBeGreaterThanOrEqual(6);
});

test('people read a table with the servers, and no password in it', async () => {
  const { output } = await runVerbHere(doctor, [], {
    ...good,
    PUNCTUAL_EVENTSTORE_URL: store.server.url.replace('esdb://', 'esdb://admin:s3cret@'),
  });
  expect(output).toMatch(/^EVENTSTORE_URL {2}esdb:\/\/admin@127\.0\.0\.1/);
  expect(output).toMatch(/\n {2}ok +to append to its streams\n/);
  expect(output).not.toContain('s3cret');
});

test('each server that is away is told for itself, the others are examined all the same: exit 1', async () => {
  const { code, troubled, found } = await examined({
    PUNCTUAL_EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
    PUNCTUAL_NATS_URL: 'nats://127.0.0.1:1',
  });
  expect(code).toBe(1);
  expect(troubled.map(({ setting, outcome }) => [setting, outcome])).toEqual([
    ['EVENTSTORE_URL', 'unknown'],
    ['NATS_URL', 'unknown'],
  ]);
  for (const { remedy } of troubled) expect(remedy).toMatch(/^Start the .*, or correct/);
  expect(found.filter(({ setting }) => setting === 'POSTGRES_URL').length).toBeGreaterThan(5);
});

describe('a read model that others have used', () => {
  let used: TestDatabase;
  const theirs = '00000000-0000-7000-8000-000000000002';

  beforeAll(async () => {
    used = await createDatabase();
    await migrate(used.url, migrations);
  });
  afterAll(() => used.drop());

  test('of events that the log does not have is told with the remedy: it was restored, or is another one', async () => {
    await query(
      used.url,
      `update checkpoint set position = 100000, event_position = 100000, event_id = '${theirs}'`,
    );
    const { code, troubled } = await examined({ PUNCTUAL_POSTGRES_URL: used.url });
    expect(code).toBe(1);
    expect(troubled).toMatchObject([
      {
        setting: 'POSTGRES_URL',
        found: expect.stringContaining('position 100000 that the log does not have') as string,
        remedy: expect.stringContaining('punctual replay') as string,
      },
    ]);
  });

  test('of another system is told by its name; beside a log that is away nothing is said of it', async () => {
    await query(used.url, `insert into system (system_id) values ('${theirs}')`);
    const beside = await examined({ PUNCTUAL_POSTGRES_URL: used.url });
    expect(beside.troubled).toMatchObject([
      { setting: 'POSTGRES_URL', found: expect.stringContaining(theirs) as string },
    ]);
    const away = await examined({
      PUNCTUAL_POSTGRES_URL: used.url,
      PUNCTUAL_EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
    });
    expect(away.troubled.map(({ setting }) => setting)).toEqual(['EVENTSTORE_URL']);
  });
});

test('a malformed address is told like everything else', async () => {
  const { code, troubled } = await examined({ PUNCTUAL_EVENTSTORE_URL: 'http://admin:s3cret@log' });
  expect(code).toBe(1);
  expect(troubled[0]).toMatchObject({ name: 'a connection string', outcome: 'missing' });
  expect(JSON.stringify(troubled)).not.toContain('s3cret');
});

test('a broker without JetStream is told by name', async () => {
  const bare = await startNatsServer('', { jetStream: false });
  const { code, troubled } = await examined({ PUNCTUAL_NATS_URL: `nats://127.0.0.1:${bare.port}` });
  await bare.dispose();
  expect(code).toBe(1);
  expect(JSON.stringify(troubled)).toContain('JetStream');
});

test('a stream of another system is told, and left as it is', async () => {
  const { connection, close } = await connectBroker({
    url: good['PUNCTUAL_NATS_URL'] ?? '',
    name: 'test',
  });
  const other = '00000000-0000-7000-8000-000000000001';
  await ensureDueStream(connection, plainBroker, { maxBytes: 4 * 1_024 ** 3, systemId: other });
  const { code, troubled } = await examined({ PUNCTUAL_JOBS_DUE_MAX_BYTES: '2097152' });
  expect(code).toBe(1);
  expect(troubled).toMatchObject([{ setting: 'NATS_URL', name: 'the system of the event log' }]);
  const { config } = await dueStreamInfo(connection, plainBroker, { maxBytes: 4 * 1_024 ** 3 });
  expect(config.max_bytes).toBe(4 * 1_024 ** 3);
  await close();
});
